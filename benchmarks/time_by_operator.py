"""Where the time of one query goes in OpenVINO, by kind of operator.

python benchmarks/time_by_operator.py squeezebert bert-base --precision bf16 --threads 1
"""

import argparse
import statistics
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy
import openvino

from benchbench.models.source import ModelSource
from benchbench.targets.runtimes.onnx_export import export

SHAPE = (1, 128)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="+")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    for model in given.models:
        kinds = by_kind(opened(ModelSource(model, lowered=True), given), given.rounds)
        total = sum(kinds.values())
        print(f"{model} {given.precision}: {total:.1f} ms")
        for kind, taken in sorted(kinds.items(), key=lambda item: -item[1])[:7]:
            print(f"  {kind:28} {taken:7.2f} ms {taken / total:5.0%}")


def opened(source, given):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        export(source, True, path)
        graph = openvino.Core().read_model(path)
    graph.reshape({put.any_name: list(SHAPE) for put in graph.inputs})
    settings = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[given.precision],
        "INFERENCE_NUM_THREADS": given.threads,
        "PERF_COUNT": True,
    }
    return openvino.Core().compile_model(graph, "CPU", settings)


def by_kind(compiled, rounds):
    """Median ms of a query in each kind of operator."""
    ids = numpy.arange(SHAPE[0] * SHAPE[1], dtype=numpy.int64).reshape(SHAPE) + 1000
    batch = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
    names = [put.any_name for put in compiled.inputs]
    request = compiled.create_infer_request()
    taken = defaultdict(list)
    for _ in range(rounds):
        request.infer({name: batch[name] for name in names}, share_inputs=True)
        kinds = defaultdict(float)
        for node in request.profiling_info:
            kinds[node.node_type] += node.real_time.total_seconds() * 1e3
        for kind, milliseconds in kinds.items():
            taken[kind].append(milliseconds)
    return {kind: statistics.median(several) for kind, several in taken.items()}


if __name__ == "__main__":
    main()
