"""Training with a frozen encoder: the features in front of the head's last layer, once, and a regression on them.

The result is a model like any other, with the regression's weights in that layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy
import torch
from torch import nn
from torch.nn import functional

from benchbench.errors import InputError, TrainingDiverged
from benchbench.studies.training.batches import Batches
from benchbench.studies.training.lesson import Lesson

if TYPE_CHECKING:
    from benchbench.tasks.kinds import Problem

_MOST_STEPS = 1000
_NEVER = -30.0
"""The logit of a class, or a label, without an example to learn from: a probability of 1e-13."""

Layer = tuple[numpy.ndarray, numpy.ndarray]
"""Weights, (outputs, features), and biases, (outputs,)."""


def run(lesson: Lesson, batches: Batches) -> float:
    """Fit the last layer of the lesson's model in place; the mean loss of the examples it was fitted to.

    Raises `TrainingDiverged` for features that are not numbers, `InputError` for other labels and for a teacher.
    """
    if (problem := lesson.kind.problem) is None or lesson.teaching is not None:
        raise InputError("encoder: frozen is for labels of whole texts, without a teacher")
    lesson.curve.begin(1)
    layer = last_layer(lesson.model)
    features, labels = _features(lesson, batches, layer)
    weights, biases = fitted(problem, features.numpy(), labels.numpy(), layer.out_features)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weights))
        layer.bias.copy_(torch.from_numpy(biases))
    logits = features @ torch.from_numpy(weights).float().T + torch.from_numpy(biases).float()
    lesson.curve.after(1, len(batches))
    lesson.curve.end()
    return float(_loss(problem, logits, labels))


def last_layer(model: nn.Module) -> nn.Linear:
    """The linear layer that gives the logits. Raises `InputError` where a model has none of its own."""
    settings: Any = model.config
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    if not layers or layers[-1].out_features != settings.num_labels or layers[-1].bias is None:
        raise InputError(f"encoder: frozen needs a head that ends in a linear layer; {type(model).__name__} has none")
    return layers[-1]


def _features(lesson: Lesson, batches: Batches, layer: nn.Linear) -> tuple[torch.Tensor, torch.Tensor]:
    """What reaches `layer`, (examples, features), and the labels, in one order. Nothing is dropped out."""
    model, device, size = lesson.model.eval(), next(lesson.model.parameters()).device, lesson.training.batch_size
    order: list[int] = numpy.argsort(batches.lengths, kind="stable").tolist()
    columns = lesson.columns() - {"labels"}
    caught: list[torch.Tensor] = []
    labels = []
    hook = layer.register_forward_pre_hook(lambda _, given: caught.append(given[0].float().cpu()))
    try:
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=lesson.bf16):
            for start in range(0, len(order), size):
                batch = batches.batch(order[start : start + size])
                labels.append(batch["labels"])
                model(**{name: tensor.to(device) for name, tensor in batch.items() if name in columns})
    finally:
        hook.remove()
    features = torch.cat(caught)
    if features.ndim != 2 or len(features) != len(order):
        raise InputError(f"encoder: frozen needs a head of one row of features a text, unlike {type(model).__name__}'s")
    if not features.isfinite().all():
        raise TrainingDiverged("training diverged: what the frozen encoder gives is not a number")
    return features.clone(), torch.cat(labels)


def fitted(problem: Problem, features: numpy.ndarray, labels: numpy.ndarray, outputs: int) -> Layer:
    """The layer of `outputs` whose logits are those of a logistic or a ridge regression on scaled features.

    `features`: (examples, features). `labels`: class numbers or values, (examples,), or a 1 for each label that
    applies, (examples, labels).
    """
    mean, deviation = features.mean(0, dtype=numpy.float64), features.std(0, dtype=numpy.float64)
    deviation[deviation == 0] = 1.0
    scaled = (features - mean) / deviation
    weights, biases = _REGRESSIONS[problem](scaled, labels, outputs)
    weights = weights / deviation
    return weights, biases - weights @ mean


def _classes(scaled: numpy.ndarray, labels: numpy.ndarray, outputs: int) -> Layer:
    weights, biases = numpy.zeros((outputs, scaled.shape[1])), numpy.full(outputs, _NEVER)
    known = numpy.unique(labels)
    biases[known] = 0.0
    if len(known) > 1:
        found = _logistic(scaled, labels)
        weights[known], biases[known] = _of_each_class(found.coef_, found.intercept_)
    return weights, biases


def _of_each_class(weights: numpy.ndarray, biases: numpy.ndarray) -> Layer:
    """Of two classes the regression has one row, which is the difference of theirs."""
    if len(biases) > 1:
        return weights, biases
    return numpy.concatenate([-weights, weights]) / 2, numpy.concatenate([-biases, biases]) / 2


def _labels(scaled: numpy.ndarray, labels: numpy.ndarray, outputs: int) -> Layer:
    """A regression for each label."""
    weights, biases = numpy.zeros((outputs, scaled.shape[1])), numpy.zeros(outputs)
    for label, applies in enumerate(labels.T.astype(int)):
        if applies.min() == applies.max():
            biases[label] = -_NEVER if applies[0] else _NEVER
        else:
            found = _logistic(scaled, applies)
            weights[label], biases[label] = found.coef_[0], found.intercept_[0]
    return weights, biases


def _values(scaled: numpy.ndarray, labels: numpy.ndarray, outputs: int) -> Layer:
    from sklearn.linear_model import Ridge

    found = Ridge().fit(scaled, labels.reshape(len(labels), outputs))
    return numpy.reshape(found.coef_, (outputs, -1)), numpy.reshape(found.intercept_, outputs)


def _logistic(scaled: numpy.ndarray, labels: numpy.ndarray) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(max_iter=_MOST_STEPS).fit(scaled, labels)


_REGRESSIONS = {
    "single_label_classification": _classes,
    "multi_label_classification": _labels,
    "regression": _values,
}


def _loss(problem: Problem, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    if problem == "single_label_classification":
        return functional.cross_entropy(logits, labels)
    if problem == "multi_label_classification":
        return functional.binary_cross_entropy_with_logits(logits, labels.float())
    return functional.mse_loss(logits.squeeze(-1), labels.float())
