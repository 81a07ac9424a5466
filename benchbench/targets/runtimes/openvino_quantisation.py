"""An OpenVINO model in int8, by NNCF: all of its matrix products, or all but those that change the logits too much."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from operator import itemgetter
from typing import Any

import nncf
import numpy
import openvino

from benchbench.errors import InputError
from benchbench.targets.calibration import Calibration

_HELD_OUT = 4  # each fourth text

HeldOut = tuple[Mapping[str, numpy.ndarray], numpy.ndarray]


def quantised(model: Any, calibration: Calibration) -> Any:
    """Weights and activations in int8; the ranges of activations are read off the calibration's texts.

    As NNCF does it for transformers: weights symmetric with a scale for each channel, activations asymmetric, biases
    corrected.
    """
    texts = _texts(model, calibration)
    with redirect_stdout(sys.stderr):  # its progress bars would stand in the middle of JSON
        return nncf.quantize(
            model,
            nncf.Dataset(texts),
            model_type=nncf.ModelType.TRANSFORMER,
            subset_size=len(texts),
            advanced_parameters=_unsmoothed(),
        )


def quantised_within(model: Any, calibration: Calibration, least: float) -> Any:
    """In int8 but for layers that go back to fp32, those that change the logits most first, until R² is `least`.

    R² is against the fp32 logits of each fourth text, which the ranges are not read off.
    Raises `InputError` for random tokens: which layers those need says nothing of texts.
    """
    if calibration.kind == "random tokens":
        raise InputError("which layers stay in fp32 is decided on texts; without a task there are none")
    texts = _texts(model, calibration)
    original = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    held_out = [(text, _logits(original, text)) for text in texts[::_HELD_OUT]]
    with redirect_stdout(sys.stderr):
        return nncf.quantize_with_accuracy_control(
            model,
            nncf.Dataset([text for number, text in enumerate(texts) if number % _HELD_OUT]),
            nncf.Dataset(held_out, itemgetter(0)),
            _kept,
            max_drop=1 - least,
            drop_type=nncf.DropType.ABSOLUTE,
            model_type=nncf.ModelType.TRANSFORMER,
            subset_size=len(texts),
            advanced_quantization_parameters=_unsmoothed(),
        )


def _unsmoothed() -> Any:
    """Without SmoothQuant, which took the logits of MiniLM on MRPC farther from fp32, not nearer.

    With it a layer that goes back to fp32 would get its weights of before the smoothing, but not its inputs.
    """
    return nncf.AdvancedQuantizationParameters(
        smooth_quant_alphas=nncf.AdvancedSmoothQuantParameters(convolution=-1, matmul=-1)
    )


def _kept(compiled: Any, held_out: Iterable[HeldOut]) -> tuple[float, list[list[numpy.ndarray]]]:
    """R² of a model on texts with their fp32 logits; the logits, by which NNCF ranks the layers."""
    pairs = [(_logits(compiled, text), expected) for text, expected in held_out]
    return determination(*zip(*pairs, strict=True)), [[got] for got, _ in pairs]


def determination(got: Sequence[numpy.ndarray], expected: Sequence[numpy.ndarray]) -> float:
    """R²: 1 less the squared differences as a share of what is expected to differ from its mean, label by label."""
    rows, wanted = (
        numpy.concatenate([part.reshape(-1, part.shape[-1]) for part in parts]) for parts in (got, expected)
    )
    spread = float(((wanted - wanted.mean(axis=0)) ** 2).sum())
    wrong = float(((rows - wanted) ** 2).sum())
    return 1.0 - wrong / spread if spread else float(wrong == 0)


def _texts(model: Any, calibration: Calibration) -> list[dict[str, numpy.ndarray]]:
    names, texts = [put.any_name for put in model.inputs], calibration.texts
    return [{name: batch[name] for name in names} for batch in map(texts.batch, range(texts.batches))]


def _logits(compiled: Any, text: Mapping[str, numpy.ndarray]) -> numpy.ndarray:
    return numpy.array(compiled(text)[0])
