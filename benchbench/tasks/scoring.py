"""Scoring a model: the metrics of a task, each with an interval from a bootstrap over the evaluation examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy

from benchbench.quantities import METRICS
from benchbench.quantities.metrics import Metric
from benchbench.records import Interval
from benchbench.tasks.task import Task

_PERCENTILES = (2.5, 97.5)

Drawn = Callable[[numpy.ndarray], float]
"""A metric's value on the evaluation examples with these numbers; random numbers resample the examples."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What a model got right on `examples` evaluation examples, ready to be summed up by each of its `metrics`.

    `one_answer`: it gives the same answer to every example, as models do whose training did not converge.
    """

    examples: int
    metrics: Mapping[str, Drawn]
    one_answer: bool = False

    def scores(self) -> dict[str, float]:
        """Each metric on all examples, between -1 and 1."""
        return {name: metric(numpy.arange(self.examples)) for name, metric in self.metrics.items()}


def with_intervals(outcomes: Outcomes, resamples: int = 1000, seed: int = 0) -> dict[str, Interval]:
    """Each metric with a 95 % percentile-bootstrap interval (Efron 1979): `resamples` draws with replacement."""
    rng = numpy.random.default_rng(seed)
    draws = [rng.integers(0, outcomes.examples, size=outcomes.examples) for _ in range(resamples)]
    scored = {}
    for name, value in outcomes.scores().items():
        low, high = numpy.percentile([outcomes.metrics[name](draw) for draw in draws], _PERCENTILES)
        # A percentile interval of a biased statistic may miss the value itself; readers expect that it does not.
        scored[name] = Interval(value, min(float(low), value), max(float(high), value))
    return scored


def classified(task: Task, logits: numpy.ndarray, labels: Any) -> Outcomes:
    """Outcomes of a classification or regression. `logits`: (examples, labels); `labels`: as `TaskData` has them.

    A correlation with constant predictions is not defined; it counts as 0, which is what such a model is worth.
    """
    predictions = predict(task, logits)
    truth = numpy.asarray(labels).astype(predictions.dtype)
    scored = {name: _drawn(METRICS[name], task, truth, predictions) for name in task.metrics}
    return Outcomes(len(truth), scored, one_answer=bool((predictions == predictions[0]).all()))


def predict(task: Task, logits: numpy.ndarray) -> numpy.ndarray:
    """Class numbers, or the values of a regression: shape (examples,). A 1 for each label that applies where there may
    be several: shape (examples, labels); a label applies where its probability is above a half.
    """
    if task.kind == "regression":
        return numpy.asarray(logits).reshape(len(logits), -1)[:, 0].astype(float)
    if task.kind == "multi-label":
        return (numpy.asarray(logits) > 0).astype(int)
    classes: numpy.ndarray = numpy.asarray(logits).argmax(axis=-1)
    return classes


def notes(task: Task) -> tuple[str, ...]:
    """What a reader of the scores has to know: whose F1 it is."""
    named = [METRICS[name] for name in task.metrics if METRICS[name].two_classes and task.kind == "classification"]
    return tuple(f"{metric.quantity.title} is that of the label {task.labels[task.positive]!r}" for metric in named)


def _drawn(metric: Metric, task: Task, truth: numpy.ndarray, predictions: numpy.ndarray) -> Drawn:
    assert metric.compare is not None, f"{metric.name} is counted by its kind of task"
    if metric.two_classes:
        truth, predictions = ((numbers == task.positive).astype(int) for numbers in (truth, predictions))
    return partial(_paired, metric.compare, truth, predictions)


def _paired(
    metric: Callable[[numpy.ndarray, numpy.ndarray], float],
    truth: numpy.ndarray,
    predictions: numpy.ndarray,
    drawn: numpy.ndarray,
) -> float:
    return metric(truth[drawn], predictions[drawn])
