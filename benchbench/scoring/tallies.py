"""Metrics as sums over examples: what a metric is worth on any resample follows from how often each example is in it.

A thousand resamples of ten thousand examples are then one product of matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy

from benchbench.errors import InputError
from benchbench.records import Marking
from benchbench.scoring import spans, tags
from benchbench.scoring.answers import Answers, arrays, outcomes
from benchbench.scoring.outcomes import Drawn

Formula = Callable[[numpy.ndarray], numpy.ndarray]
"""From sums over examples, (…, statistics), to a metric's values, (…)."""


class Tally(Protocol):
    """One metric of one system's answers."""

    def values(self, counts: numpy.ndarray, right: numpy.ndarray, wrong: numpy.ndarray) -> numpy.ndarray:
        """The metric on each resample: (resamples,).

        `counts` (resamples, examples): how often each example is in it. `right`, `wrong` (resamples,): how many more
        examples are in it that the system answers rightly or wrongly.
        """
        ...


@dataclass(frozen=True, slots=True)
class Sums:
    """A metric that `formula` makes of sums over examples of `statistics`: (examples, statistics).

    `right`, `wrong` (statistics,): those of an example that is answered rightly or wrongly; None where there is no
    right and wrong. It may as well be of a rare class as of a common one: of a rare one, which can decide a metric as
    much, the least is known.
    """

    statistics: numpy.ndarray
    formula: Formula
    right: numpy.ndarray | None = None
    wrong: numpy.ndarray | None = None

    def values(self, counts: numpy.ndarray, right: numpy.ndarray, wrong: numpy.ndarray) -> numpy.ndarray:
        """See `Tally.values`."""
        return self.of(counts @ self.statistics, right, wrong)

    def of(self, sums: numpy.ndarray, right: numpy.ndarray, wrong: numpy.ndarray) -> numpy.ndarray:
        """`values`, from the sums over examples: (resamples, statistics)."""
        if self.right is not None and self.wrong is not None:
            sums = sums + right[:, None] * self.right + wrong[:, None] * self.wrong
        return self.formula(sums)


class Ranks:
    """Spearman's correlation, with the ranks that examples have within a resample."""

    def __init__(self, truth: numpy.ndarray, given: numpy.ndarray) -> None:
        self._truth, self._given = _Order(truth), _Order(given)

    def values(self, counts: numpy.ndarray, right: numpy.ndarray, wrong: numpy.ndarray) -> numpy.ndarray:
        """See `Tally.values`."""
        x, y = self._truth.ranks(counts), self._given.ranks(counts)
        total = counts.sum(axis=1)
        ranks = total * (total + 1) / 2  # shared ranks have the sum of those that they stand for
        products = [numpy.einsum("ij,ij,ij->i", counts, *pair) for pair in ((x, x), (y, y), (x, y))]
        return _correlation(numpy.stack([total, ranks, ranks, *products], axis=1))


class _Order:
    """The order of examples by a value, some of which may be equal."""

    def __init__(self, values: numpy.ndarray) -> None:
        different, self._number = numpy.unique(values, return_inverse=True)
        self._order = numpy.argsort(self._number, kind="stable")
        self._starts = numpy.searchsorted(self._number[self._order], numpy.arange(len(different)))

    def ranks(self, counts: numpy.ndarray) -> numpy.ndarray:
        """The rank of each value within each resample, equal ones sharing their mean rank: (resamples, examples)."""
        there = numpy.add.reduceat(counts[:, self._order], self._starts, axis=1)
        ranks: numpy.ndarray = (numpy.cumsum(there, axis=1) - (there - 1) / 2)[:, self._number]
        return ranks


@dataclass(frozen=True, slots=True)
class Recounted:
    """Any other metric: computed anew on the examples of each resample."""

    metric: Drawn

    def values(self, counts: numpy.ndarray, right: numpy.ndarray, wrong: numpy.ndarray) -> numpy.ndarray:
        """See `Tally.values`."""
        numbers = numpy.arange(counts.shape[1])
        return numpy.array([self.metric(numpy.repeat(numbers, row.astype(int))) for row in counts])


def tally(marking: Marking, metric: str, answers: Answers) -> Tally:
    """The tally of `metric`, one of those that `marking` names. Raises `InputError` for answers that are no numbers."""
    if marking.kind == "token-classification":
        return Sums(tags.counts(answers.truth, answers.given), _f1, numpy.array([1.0, 2.0]), numpy.array([0.0, 1.0]))
    if marking.kind == "question-answering":
        exact, overlap = spans.marks(answers.truth, answers.given).T
        return _mean(exact if metric == "exact_match" else overlap)
    truth, given = arrays(marking, answers)
    if len(wrong := numpy.flatnonzero(~numpy.isfinite(given).reshape(len(given), -1).all(axis=1))):
        raise InputError(f"the answer to example {wrong[0] + 1} is {given[wrong[0]]}, not a number to compare")
    make = _MAKERS.get(metric)
    return make(marking, truth, given) if make else Recounted(outcomes(marking, answers).metrics[metric])


def _mean(marks: numpy.ndarray) -> Sums:
    """The mean of `marks`, which are 1 for what is right and 0 for what is wrong."""
    statistics = numpy.stack([marks, numpy.ones(len(marks))], axis=1)
    return Sums(statistics, lambda sums: sums[..., 0] / sums[..., 1], numpy.array([1.0, 1.0]), numpy.array([0.0, 1.0]))


def _accuracy(marking: Marking, truth: numpy.ndarray, given: numpy.ndarray) -> Sums:
    return _mean((truth == given).astype(float))


def _all_right(marking: Marking, truth: numpy.ndarray, given: numpy.ndarray) -> Sums:
    return _mean((truth == given).all(axis=1).astype(float))


def _f1_of_one_label(marking: Marking, truth: numpy.ndarray, given: numpy.ndarray) -> Sums:
    true, found = (truth == marking.positive).astype(float), (given == marking.positive).astype(float)
    share = _of_any_class(numpy.stack([1 - true, true], axis=1))[1]
    right, wrong = numpy.array([share, 2 * share]), numpy.array([0.0, 1.0])  # wrong: the label is missed or made up
    return Sums(numpy.stack([true * found, true + found], axis=1), _f1, right, wrong)


def _micro_f1(marking: Marking, truth: numpy.ndarray, given: numpy.ndarray) -> Sums:
    by_label = _macro_f1(marking, truth, given)
    labels = truth.shape[1]

    def formula(sums: numpy.ndarray) -> numpy.ndarray:
        return _f1(numpy.stack([sums[..., :labels].sum(axis=-1), sums[..., labels:].sum(axis=-1)], axis=-1))

    return replace(by_label, formula=formula)


def _macro_f1(marking: Marking, truth: numpy.ndarray, given: numpy.ndarray) -> Sums:
    """Statistics: for each label whether it is found rightly, then how often it is there and found together."""
    one_of_all = truth.ndim == 1
    if one_of_all:
        classes = int(max(truth.max(), given.max())) + 1
        truth, given = numpy.eye(classes)[truth], numpy.eye(classes)[given]
    shares, labels = _of_any_class(truth) if one_of_all else truth.mean(axis=0), truth.shape[1]
    right = numpy.concatenate([shares, 2 * shares])
    if one_of_all:  # a wrong answer is any other label
        wrong = numpy.concatenate([0 * shares, shares + (1 - shares) / max(labels - 1, 1)])
    else:  # a wrong answer is wrong about one of the labels
        wrong = right + numpy.concatenate([-shares, 1 - 2 * shares]) / labels
    return Sums(numpy.concatenate([truth * given, truth + given], axis=1), _mean_f1, right, wrong)


def _matthews(marking: Marking, truth: numpy.ndarray, given: numpy.ndarray) -> Sums:
    """Statistics: right or not, then for each class whether it is the truth, then whether it is the answer."""
    classes = int(max(truth.max(), given.max())) + 1
    true, found = numpy.eye(classes)[truth], numpy.eye(classes)[given]
    shares = _of_any_class(true)
    other = (1 - shares) / max(classes - 1, 1)  # a wrong answer is any other class
    return Sums(
        numpy.concatenate([(truth == given)[:, None], true, found], axis=1),
        _correlation_of_classes,
        numpy.concatenate([[1.0], shares, shares]),
        numpy.concatenate([[0.0], shares, other]),
    )


def _of_any_class(true: numpy.ndarray) -> numpy.ndarray:
    """Each class's share in an example that may as well be of a rare class as of a common one: (classes,)."""
    there: numpy.ndarray = true.any(axis=0).astype(float)
    shares: numpy.ndarray = there / there.sum()
    return shares


def _pearson(marking: Marking, truth: numpy.ndarray, given: numpy.ndarray) -> Sums:
    x, y = truth - truth.mean(), given - given.mean()  # else digits are lost where a mean is large
    return Sums(numpy.stack([numpy.ones(len(x)), x, y, x * x, y * y, x * y], axis=1), _correlation)


def _spearman(marking: Marking, truth: numpy.ndarray, given: numpy.ndarray) -> Ranks:
    return Ranks(truth, given)


_MAKERS: Mapping[str, Callable[[Marking, numpy.ndarray, numpy.ndarray], Tally]] = {
    "accuracy": _accuracy,
    "f1": _f1_of_one_label,
    "micro_f1": _micro_f1,
    "macro_f1": _macro_f1,
    "exact_match": _all_right,
    "matthews_correlation": _matthews,
    "pearson": _pearson,
    "spearman": _spearman,
}
"""The metrics of `quantities.metrics` that are quick to resample; any other is recounted."""


def _f1(sums: numpy.ndarray) -> numpy.ndarray:
    """From hits, and what is there and found together; 0 where there is nothing and nothing is found."""
    return 2 * sums[..., 0] / numpy.where(sums[..., 1] > 0, sums[..., 1], 1.0)


def _mean_f1(sums: numpy.ndarray) -> numpy.ndarray:
    """The mean of the labels' F1, without labels that are neither there nor found."""
    hits, both = numpy.split(sums, 2, axis=-1)
    there = both > 0
    total: numpy.ndarray = (2 * hits / numpy.where(there, both, 1.0)).sum(axis=-1)
    found: numpy.ndarray = total / numpy.maximum(there.sum(axis=-1), 1)
    return found


def _correlation_of_classes(sums: numpy.ndarray) -> numpy.ndarray:
    true, found = numpy.split(sums[..., 1:], 2, axis=-1)
    total = true.sum(axis=-1)
    spread = (total**2 - (true**2).sum(axis=-1)) * (total**2 - (found**2).sum(axis=-1))
    return _ratio(sums[..., 0] * total - (true * found).sum(axis=-1), spread)


def _correlation(sums: numpy.ndarray) -> numpy.ndarray:
    count, x, y, xx, yy, xy = numpy.moveaxis(sums, -1, 0)
    spreads = [count * squares - total**2 for total, squares in ((x, xx), (y, yy))]
    # What rounding leaves of a constant side is no spread.
    for spread, squares in zip(spreads, (xx, yy), strict=True):
        spread[spread < 1e-12 * count * squares] = 0.0
    return _ratio(count * xy - x * y, spreads[0] * spreads[1])


def _ratio(covariance: numpy.ndarray, spread: numpy.ndarray) -> numpy.ndarray:
    """A correlation; 0 where a side is constant."""
    return numpy.where(spread > 0, covariance / numpy.sqrt(numpy.where(spread > 0, spread, 1.0)), 0.0)
