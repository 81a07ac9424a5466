"""A model as an ONNX file with free batch and sequence axes: what ONNX Runtime, OpenVINO and others read."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchbench.models.source import ModelSource

OPSET = 20


def export(source: ModelSource, lowered: bool, path: Path) -> None:
    """Write the model to `path`: inputs by their usual names, one output `logits`, in fp32.

    Uses PyTorch's tracing exporter: it takes a fifth of the time of the newer one (2 s against 10 s for a model of
    BERT-base's size), and the engines run both files equally fast.
    """
    import torch

    from benchbench.models.loading import build
    from benchbench.models.logits import Logits

    model = Logits(build(replace(source, lowered=lowered))).eval()
    first, *others = ((name, torch.ones(2, 16, dtype=torch.int64)) for name in model.inputs)
    example = (first[1], dict(others))  # by name: not every model takes the second
    with _quiet(), torch.inference_mode():
        torch.onnx.export(
            model,
            example,
            path,
            input_names=list(model.inputs),
            output_names=["logits"],
            dynamic_axes={name: {0: "batch", 1: "sequence"} for name in (*model.inputs, "logits")},
            opset_version=OPSET,
            dynamo=False,
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Tracing warns of Python conditions on shapes; the conformance kit checks that other shapes come out right."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
