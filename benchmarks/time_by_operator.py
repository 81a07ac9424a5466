"""Where the time of one query goes in OpenVINO, by kind of operator.

python benchmarks/time_by_operator.py squeezebert bert-base --precision bf16 --threads 1
"""

import argparse
import statistics
from collections import defaultdict

from ways_into_openvino import SHAPE, by_onnx, opened

from benchbench.models.source import ModelSource


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="+")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    for model in given.models:
        kinds = by_kind(model, given)
        total = sum(kinds.values())
        print(f"{model} {given.precision}: {total:.1f} ms")
        for kind, taken in sorted(kinds.items(), key=lambda item: -item[1])[:7]:
            print(f"  {kind:28} {taken:7.2f} ms {taken / total:5.0%}")


def by_kind(model, given):
    """Median ms of a query in each kind of operator."""
    graph = by_onnx(ModelSource(model, lowered=True))
    graph.reshape({put.any_name: list(SHAPE) for put in graph.inputs})
    request, batch = opened(graph, given, PERF_COUNT=True)
    taken = defaultdict(list)
    for _ in range(given.rounds):
        request.infer(batch, share_inputs=True)
        kinds = defaultdict(float)
        for node in request.profiling_info:
            kinds[node.node_type] += node.real_time.total_seconds() * 1e3
        for kind, milliseconds in kinds.items():
            taken[kind].append(milliseconds)
    return {kind: statistics.median(several) for kind, several in taken.items()}


if __name__ == "__main__":
    main()
