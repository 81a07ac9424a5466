"""The official metrics of the tasks, each with an interval from a bootstrap over the evaluation examples."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy

from benchbench.tasks.task import Task

_PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class ScoredInterval:
    """A metric's value on the evaluation examples, with its 95 % percentile-bootstrap interval (Efron 1979)."""

    value: float
    ci_low: float
    ci_high: float


def score(task: Task, logits: numpy.ndarray, labels: Any) -> dict[str, float]:
    """Each of the task's metrics, between -1 and 1. `logits`: (examples, labels); `labels`: (examples,).

    A correlation with constant predictions is not defined; it counts as 0, which is what such a model is worth.
    """
    predictions = predict(task, logits)
    truth = numpy.asarray(labels)
    return {name: _METRICS[name](truth, predictions) for name in task.metrics}


def score_with_intervals(
    task: Task, logits: numpy.ndarray, labels: Any, resamples: int = 1000, seed: int = 0
) -> Mapping[str, ScoredInterval]:
    """`score` with 95 % intervals: the examples are drawn with replacement `resamples` times."""
    predictions, truth = predict(task, logits), numpy.asarray(labels)
    draws = numpy.random.default_rng(seed).integers(0, len(truth), size=(resamples, len(truth)))
    scored = {}
    for name in task.metrics:
        metric = _METRICS[name]
        values = [metric(truth[draw], predictions[draw]) for draw in draws]
        low, high = numpy.percentile(values, _PERCENTILES)
        scored[name] = ScoredInterval(metric(truth, predictions), float(low), float(high))
    return scored


def predict(task: Task, logits: numpy.ndarray) -> numpy.ndarray:
    """Class numbers, or the values of a regression: shape (examples,)."""
    if task.kind == "regression":
        return numpy.asarray(logits).reshape(len(logits), -1)[:, 0].astype(float)
    return numpy.asarray(logits).argmax(axis=-1)


def _accuracy(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    return float((truth == predictions).mean())


def _f1(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    """F1 of the positive class, 0 where it is neither present nor predicted."""
    hits = int(((truth == 1) & (predictions == 1)).sum())
    wrong = int(((truth == 1) != (predictions == 1)).sum())
    return 2 * hits / (2 * hits + wrong) if hits + wrong else 0.0


def _matthews(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    from sklearn.metrics import matthews_corrcoef

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one label only: the value is 0, as said above
        return float(matthews_corrcoef(truth, predictions))


def _pearson(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    if numpy.ptp(truth) == 0 or numpy.ptp(predictions) == 0:
        return 0.0
    return float(numpy.corrcoef(truth, predictions)[0, 1])


def _spearman(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    from scipy.stats import rankdata

    return _pearson(rankdata(truth), rankdata(predictions))


_METRICS = {
    "accuracy": _accuracy,
    "f1": _f1,
    "matthews_correlation": _matthews,
    "pearson": _pearson,
    "spearman": _spearman,
}
