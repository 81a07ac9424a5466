"""The metrics of tasks, one row each: adding one is adding its function and its row here.

The functions take what is true and what was predicted, arrays of shape (examples,), or of shape (examples, labels)
with a 1 for each label that applies, and return a number of at most 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from benchbench.quantities.quantity import Method, Quantity

if TYPE_CHECKING:
    import numpy

    Compare = Callable[[numpy.ndarray, numpy.ndarray], float]

TaskKind = Literal["classification", "multi-label", "regression", "token-classification", "question-answering"]

QUALITY = Method(
    "Quality",
    "Each model is fine-tuned on the task's training split with the same settings and scored on its evaluation split, "
    "with the metric that the task's authors chose, in PyTorch and fp32. The interval is a bootstrap over the "
    "evaluation examples; of several seeds over examples and seeds.",
)


@dataclass(frozen=True, slots=True)
class Metric:
    """One way to say how well a model does a task.

    `kinds`: the kinds of task that may name it. `usual`: a user's own task of such a kind has it unless it says
    otherwise. `compare`: its function for classes and numbers; kinds of task with entities or answer spans count by
    themselves. `two_classes`: for classes, it is that of one of two labels, whose number `compare` sees as 1.
    `hub_name`: what the hub calls it.
    """

    quantity: Quantity
    kinds: tuple[TaskKind, ...]
    usual: tuple[TaskKind, ...]
    compare: Compare | None = None
    two_classes: bool = False
    hub_name: str = ""

    @property
    def name(self) -> str:
        return self.quantity.name


def _score(name: str, title: str) -> Quantity:
    return Quantity(name, "1", "higher", title, QUALITY, frozenset({"model", "task"}), score=True)


def accuracy(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    return float((truth == predictions).mean())


def f1(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    """F1 of the positive class, 0 where it is neither present nor predicted."""
    hits = int(((truth == 1) & (predictions == 1)).sum())
    wrong = int(((truth == 1) != (predictions == 1)).sum())
    return 2 * hits / (2 * hits + wrong) if hits + wrong else 0.0


def micro_f1(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    """F1 over all decisions about all labels."""
    return f1(truth.ravel(), predictions.ravel())


def macro_f1(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    """The mean of the labels' F1, without labels that are neither present nor predicted (zero_division=nan)."""
    import numpy

    if truth.ndim == 1:
        classes = int(max(truth.max(), predictions.max())) + 1
        hits, true, predicted = (
            numpy.bincount(numbers, minlength=classes) for numbers in (truth[truth == predictions], truth, predictions)
        )
    else:
        hits, true, predicted = (flags.sum(axis=0) for flags in (truth * predictions, truth, predictions))
    there = true + predicted > 0
    return float((2 * hits[there] / (true + predicted)[there]).mean()) if there.any() else 0.0


def all_right(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    """The share of examples all of whose labels are right."""
    return float((truth == predictions).all(axis=1).mean())


def matthews(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    """The correlation of the confusion matrix for any number of classes (Gorodkin 2004); 0 where it is undefined."""
    import numpy

    classes = int(max(truth.max(), predictions.max())) + 1
    confusion = numpy.bincount(truth * classes + predictions, minlength=classes**2).reshape(classes, classes)
    true, predicted, total = confusion.sum(axis=1), confusion.sum(axis=0), confusion.sum()
    spread = float(total**2 - (true**2).sum()) * float(total**2 - (predicted**2).sum())
    covariance = float(numpy.trace(confusion) * total - true @ predicted)
    return covariance / spread**0.5 if spread > 0 else 0.0


def pearson(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    """Pearson's correlation; 0 where one side is constant, which is what such a model is worth."""
    import numpy

    if numpy.ptp(truth) == 0 or numpy.ptp(predictions) == 0:
        return 0.0
    return float(numpy.corrcoef(truth, predictions)[0, 1])


def spearman(truth: numpy.ndarray, predictions: numpy.ndarray) -> float:
    """Pearson's correlation of the ranks."""
    from pandas import Series

    return pearson(Series(truth).rank().to_numpy(), Series(predictions).rank().to_numpy())


_CLASSES: tuple[TaskKind, ...] = ("classification",)
_SETS: tuple[TaskKind, ...] = ("multi-label",)
_NUMBERS: tuple[TaskKind, ...] = ("regression",)
_ANSWERS: tuple[TaskKind, ...] = ("question-answering",)
_SPANS: tuple[TaskKind, ...] = ("token-classification", "question-answering")

METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(_score("accuracy", "Accuracy"), _CLASSES, _CLASSES, accuracy),
        Metric(_score("f1", "F1"), (*_CLASSES, *_SPANS), _SPANS, f1, two_classes=True),
        Metric(_score("micro_f1", "Micro F1"), _SETS, _SETS, micro_f1),
        Metric(_score("macro_f1", "Macro F1"), (*_CLASSES, *_SETS), _SETS, macro_f1),
        Metric(_score("matthews_correlation", "Matthews correlation"), _CLASSES, (), matthews),
        Metric(_score("pearson", "Pearson correlation"), _NUMBERS, _NUMBERS, pearson, hub_name="pearsonr"),
        Metric(_score("spearman", "Spearman correlation"), _NUMBERS, _NUMBERS, spearman, hub_name="spearmanr"),
        Metric(_score("exact_match", "Exact match"), (*_ANSWERS, *_SETS), (*_ANSWERS, *_SETS), all_right),
    )
}

MISMATCHED = _score("accuracy_mismatched", "Accuracy (mismatched)")
"""MNLI's accuracy on the evaluation split of other genres: a column of its own wherever scores are shown."""

GLUE_SCORE = _score("glue_score", "GLUE score")
"""The leaderboard's mean over all of GLUE's tasks; a mean over any other tasks is `MEAN_SCORE`."""

MEAN_SCORE = _score("score", "Score")
"""The mean of a task's metrics, or of such means over the tasks that a run has."""


def metrics_of(kind: TaskKind) -> tuple[str, ...]:
    """The metrics that a task of `kind` may name."""
    return tuple(name for name, metric in METRICS.items() if kind in metric.kinds)


def usual_metrics(kind: TaskKind) -> tuple[str, ...]:
    """The metrics of a user's own task of `kind` that names none."""
    return tuple(name for name, metric in METRICS.items() if kind in metric.usual)
