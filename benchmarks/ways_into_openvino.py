"""The ways from PyTorch into OpenVINO against each other: by an ONNX file or directly, for all shapes or for one.

python benchmarks/ways_into_openvino.py squeezebert bert-base --precision bf16 --threads 1 --cpu-time

Prints the median ms of each way, and how much faster than the shipped target it is: medians of the rounds' ratios, with
the quartiles. Every round runs every way, in random order, in one process.
"""

import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path

import numpy
import openvino
import torch

from benchbench.models.loading import build
from benchbench.models.logits import Logits
from benchbench.models.lowering import freeze
from benchbench.models.source import ModelSource
from benchbench.targets.runtimes.onnx_export import export

SHAPE = (1, 128)
SHIPPED = "by ONNX, all shapes"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="+")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--cpu-time", action="store_true", help="for one thread beside other work")
    given = parser.parse_args()
    for model in given.models:
        sessions = {way: opened(graph, given) for way, graph in graphs(ModelSource(model, lowered=True)).items()}
        show(model, race(sessions, given.rounds, time.process_time if given.cpu_time else time.perf_counter))


def graphs(source):
    made = {}
    for name, make in (("by ONNX", by_onnx), ("directly", directly)):
        made[f"{name}, all shapes"] = make(source)
        fixed = make(source)
        fixed.reshape({put.any_name: list(SHAPE) for put in fixed.inputs})
        made[f"{name}, one shape"] = fixed
    return made


def by_onnx(source):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        export(source, True, path)
        return openvino.Core().read_model(path)


def directly(source):
    model = freeze(Logits(build(source)).eval().requires_grad_(False))
    ids = torch.arange(32).reshape(2, 16)
    example = {name: ids if name == "input_ids" else torch.ones_like(ids) for name in model.inputs}
    if "token_type_ids" in example:
        example["token_type_ids"] = torch.zeros_like(ids)
    graph = openvino.convert_model(model, example_input=example)
    for put in graph.inputs:
        put.get_node().set_partial_shape(openvino.PartialShape([-1, -1]))
        put.get_node().set_element_type(openvino.Type.i64)
    graph.validate_nodes_and_infer_types()
    return graph


def opened(graph, given, **more):
    """A request to the compiled `graph`, and the batch that it is given."""
    hint = {"fp32": "f32", "bf16": "bf16"}[given.precision]
    settings = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": hint,
        "INFERENCE_NUM_THREADS": given.threads,
        **more,
    }
    compiled = openvino.Core().compile_model(graph, "CPU", settings)
    names = [put.any_name for put in compiled.inputs]
    ids = numpy.arange(SHAPE[0] * SHAPE[1], dtype=numpy.int64).reshape(SHAPE) + 1000
    batch = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
    return compiled.create_infer_request(), {name: batch[name] for name in names}


def race(sessions, rounds, clock):
    seconds = {way: [] for way in sessions}
    for number in range(-3, rounds):
        for way in random.sample(list(sessions), len(sessions)):
            request, batch = sessions[way]
            start = clock()
            request.infer(batch, share_inputs=True)
            if number >= 0:
                seconds[way].append(clock() - start)
    logits = [next(iter(request.results.values())) for request, _ in sessions.values()]
    apart = max(float(abs(one - logits[0]).max()) for one in logits)
    print(f"largest difference of logits: {apart:.1e}")
    return seconds


def show(model, seconds):
    for way, taken in seconds.items():
        gains = [shipped / own for shipped, own in zip(seconds[SHIPPED], taken, strict=True)]
        low, middle, high = statistics.quantiles(gains, n=4)
        print(f"{model:12} {way:20} {statistics.median(taken) * 1e3:7.1f} ms  {middle:.2f} ({low:.2f} to {high:.2f})")


if __name__ == "__main__":
    main()
