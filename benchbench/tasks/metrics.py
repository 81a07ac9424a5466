"""The official metrics of the tasks, each with an interval from a bootstrap over the evaluation examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy

from benchbench.tasks.task import Task

_PERCENTILES = (2.5, 97.5)

Metric = Callable[[numpy.ndarray], float]
"""A metric's value on the evaluation examples with these numbers: drawing the numbers anew resamples the examples."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What a model got right on `examples` evaluation examples, ready to be summed up by each of its `metrics`.

    `one_answer`: it gives the same answer to every example, as models do whose training did not converge.
    """

    examples: int
    metrics: Mapping[str, Metric]
    one_answer: bool = False

    def scores(self) -> dict[str, float]:
        """Each metric on all examples, between -1 and 1."""
        return {name: metric(numpy.arange(self.examples)) for name, metric in self.metrics.items()}


@dataclass(frozen=True, slots=True)
class ScoredInterval:
    """A metric's value on the evaluation examples, with its 95 % percentile-bootstrap interval (Efron 1979)."""

    value: float
    ci_low: float
    ci_high: float


def with_intervals(outcomes: Outcomes, resamples: int = 1000, seed: int = 0) -> dict[str, ScoredInterval]:
    """Each metric with a 95 % interval: the examples are drawn with replacement `resamples` times."""
    rng = numpy.random.default_rng(seed)
    draws = [rng.integers(0, outcomes.examples, size=outcomes.examples) for _ in range(resamples)]
    scored = {}
    for name, value in outcomes.scores().items():
        low, high = numpy.percentile([outcomes.metrics[name](draw) for draw in draws], _PERCENTILES)
        # A percentile interval of a biased statistic may miss the value itself; readers expect that it does not.
        scored[name] = ScoredInterval(value, min(float(low), value), max(float(high), value))
    return scored


def classified(task: Task, logits: numpy.ndarray, labels: Any) -> Outcomes:
    """Outcomes of a classification or regression. `logits`: (examples, labels); `labels`: (examples,).

    A correlation with constant predictions is not defined; it counts as 0, which is what such a model is worth.
    """
    truth, predictions = numpy.asarray(labels), predict(task, logits)
    scored = {name: partial(_paired, _METRICS[name], truth, predictions) for name in task.metrics}
    return Outcomes(len(truth), scored, one_answer=bool(numpy.ptp(predictions) == 0))


def known() -> tuple[str, ...]:
    """The metrics that a classification or regression may name."""
    return tuple(_METRICS)


def predict(task: Task, logits: numpy.ndarray) -> numpy.ndarray:
    """Class numbers, or the values of a regression: shape (examples,)."""
    if task.kind == "regression":
        return numpy.asarray(logits).reshape(len(logits), -1)[:, 0].astype(float)
    classes: numpy.ndarray = numpy.asarray(logits).argmax(axis=-1)
    return classes


def _paired(
    metric: Callable[[numpy.ndarray, numpy.ndarray], float],
    truth: numpy.ndarray,
    predictions: numpy.ndarray,
    drawn: numpy.ndarray,
) -> float:
    return metric(truth[drawn], predictions[drawn])


def _accuracy(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    return float((truth == predictions).mean())


def _f1(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    """F1 of the positive class, 0 where it is neither present nor predicted."""
    hits = int(((truth == 1) & (predictions == 1)).sum())
    wrong = int(((truth == 1) != (predictions == 1)).sum())
    return 2 * hits / (2 * hits + wrong) if hits + wrong else 0.0


def _matthews(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    """The correlation of the confusion matrix for any number of classes (Gorodkin 2004); 0 where it is undefined."""
    classes = int(max(truth.max(), predictions.max())) + 1
    confusion = numpy.bincount(truth * classes + predictions, minlength=classes**2).reshape(classes, classes)
    true, predicted, total = confusion.sum(axis=1), confusion.sum(axis=0), confusion.sum()
    spread = float(total**2 - (true**2).sum()) * float(total**2 - (predicted**2).sum())
    covariance = float(numpy.trace(confusion) * total - true @ predicted)
    return covariance / spread**0.5 if spread > 0 else 0.0


def _pearson(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    if numpy.ptp(truth) == 0 or numpy.ptp(predictions) == 0:
        return 0.0
    return float(numpy.corrcoef(truth, predictions)[0, 1])


def _spearman(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    from scipy.stats import rankdata

    return _pearson(rankdata(truth), rankdata(predictions))


_METRICS: Mapping[str, Callable[[numpy.ndarray, numpy.ndarray], float]] = {
    "accuracy": _accuracy,
    "f1": _f1,
    "matthews_correlation": _matthews,
    "pearson": _pearson,
    "spearman": _spearman,
}
