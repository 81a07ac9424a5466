"""An ONNX file's matrix products in int8, as ONNX Runtime's own tools write them.

Weights are int8, activations uint8. Weights have a scale for each output channel, or one each where a grouped
convolution was lowered to a batched product, for which the engine has no more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import onnx
import onnxruntime
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quant_pre_process,
    quantize_dynamic,
    quantize_static,
)

from benchbench.targets.calibration import Calibration

_PRODUCTS = ["MatMul", "Gemm"]
_TABLES = ["Gather"]  # of embeddings: half of a small model's bytes
_ONLY_WITH_WEIGHTS = {"MatMulConstBOnly": True}  # the products of attention stay in fp32
_NO_ROUNDING_OF_RESULTS = {"OpTypesToExcludeOutputQuantization": _PRODUCTS}


def dynamic(path: Path) -> None:
    """The ranges of activations are read off each batch when it comes."""
    with _cleaned(path) as cleaned:
        quantize_dynamic(
            cleaned,
            path,
            op_types_to_quantize=_PRODUCTS + _TABLES,
            per_channel=_are_matrices(cleaned),
            weight_type=QuantType.QInt8,
            extra_options=_ONLY_WITH_WEIGHTS,
        )


def static(path: Path, calibration: Calibration) -> None:
    """The ranges of activations are the least and the greatest that the calibration's texts give."""
    with _cleaned(path) as cleaned:
        quantize_static(
            cleaned,
            path,
            _Texts(cleaned, calibration),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=_PRODUCTS + _TABLES,
            per_channel=_are_matrices(cleaned),
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options={**_ONLY_WITH_WEIGHTS, **_NO_ROUNDING_OF_RESULTS},
        )


def _are_matrices(model: Path) -> bool:
    """Whether all weights of matrix products have two dimensions."""
    graph = onnx.load(model).graph
    ranks = {weight.name: len(weight.dims) for weight in graph.initializer}
    return all(ranks.get(node.input[1], 2) == 2 for node in graph.node if node.op_type in _PRODUCTS)


class _Texts(CalibrationDataReader):  # type: ignore[misc]
    """The calibration's texts one at a time, as the tool asks for them."""

    def __init__(self, model: Path, calibration: Calibration) -> None:
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        names = [put.name for put in session.get_inputs()]
        texts = calibration.texts
        self._left = ({name: batch[name] for name in names} for batch in map(texts.batch, range(texts.batches)))

    def get_next(self) -> Any:
        return next(self._left, None)


@contextmanager
def _cleaned(path: Path) -> Iterator[Path]:
    """The exported model under another name, with shapes inferred and constants folded, for `path` to be written."""
    exported = path.rename(path.with_name("fp32.onnx"))
    cleaned = path.with_name("cleaned.onnx")
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)  # the tools advise on the root logger to do what is done here
    try:
        quant_pre_process(exported, cleaned, skip_symbolic_shape=True)
        yield cleaned
    finally:
        root.setLevel(level)
        for left in path.parent.glob("*"):
            if left != path:
                left.unlink()
