"""An OpenVINO model in int8, by NNCF: all of its matrix products, or all but those that change the logits too much."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from typing import Any

import nncf
import numpy
import openvino

from benchbench.errors import InputError
from benchbench.targets.calibration import Calibration

_HELD_OUT = 4  # each fourth text


def quantised(model: Any, calibration: Calibration) -> Any:
    """Weights and activations in int8; the ranges of activations are read off the calibration's texts.

    As NNCF recommends it for transformers: weights symmetric with a scale for each channel, activations asymmetric and
    smoothed, biases corrected.
    """
    texts = _texts(model, calibration)
    with redirect_stdout(sys.stderr):  # its progress bars would stand in the middle of JSON
        return nncf.quantize(model, nncf.Dataset(texts), model_type=nncf.ModelType.TRANSFORMER, subset_size=len(texts))


def quantised_within(model: Any, calibration: Calibration, least: float) -> Any:
    """As `quantised`, with the layers left in fp32 that have to be, so that R² of the logits is `least` at least.

    R² is against the fp32 logits of each fourth text, which the ranges are not read off. The layers that change these
    most go first. Raises `InputError` for random tokens: which layers those need says nothing of texts.
    """
    if calibration.kind == "random tokens":
        raise InputError("which layers stay in fp32 is decided on texts; without a task there are none")
    texts = _texts(model, calibration)
    held_out = texts[::_HELD_OUT]
    expected = _logits(openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}), held_out)

    def kept(compiled: Any, batches: Iterable[Mapping[str, numpy.ndarray]]) -> tuple[float, list[list[numpy.ndarray]]]:
        got = _logits(compiled, batches)
        return determination(got, expected[: len(got)]), [[logits] for logits in got]

    with redirect_stdout(sys.stderr):
        return nncf.quantize_with_accuracy_control(
            model,
            nncf.Dataset([text for number, text in enumerate(texts) if number % _HELD_OUT]),
            nncf.Dataset(held_out),
            kept,
            max_drop=1 - least,
            drop_type=nncf.DropType.ABSOLUTE,
            model_type=nncf.ModelType.TRANSFORMER,
            subset_size=len(texts),
        )


def determination(got: Sequence[numpy.ndarray], expected: Sequence[numpy.ndarray]) -> float:
    """R²: 1 less the squared differences as a share of what is expected to differ from its mean, label by label."""
    rows, wanted = (
        numpy.concatenate([part.reshape(-1, part.shape[-1]) for part in parts]) for parts in (got, expected)
    )
    return 1.0 - float(((rows - wanted) ** 2).sum() / ((wanted - wanted.mean(axis=0)) ** 2).sum())


def _texts(model: Any, calibration: Calibration) -> list[dict[str, numpy.ndarray]]:
    names, texts = [put.any_name for put in model.inputs], calibration.texts
    return [{name: batch[name] for name in names} for batch in map(texts.batch, range(texts.batches))]


def _logits(compiled: Any, batches: Iterable[Mapping[str, numpy.ndarray]]) -> list[numpy.ndarray]:
    return [numpy.array(compiled(batch)[0]) for batch in batches]
