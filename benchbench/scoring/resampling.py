"""What several systems would score on other examples: all of them, and all their seeds, on the same resamples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy

from benchbench.scoring.tallies import Sums, Tally

_BLOCK = 2_000_000  # counts that are held at a time


def deviations(
    baseline: Sequence[Tally], candidate: Sequence[Tally], examples: int, resamples: int, rng: numpy.random.Generator
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """How far each seed's score lies from its centre on each resample: (resamples, seeds), baseline's and candidate's.

    The examples are resampled with two more, one that the candidate alone answers rightly and one that the baseline
    alone does: systems that answer alike on all examples are not known to do so on all others. For accuracies this is
    Laplace's correction of a paired difference, without which the interval is too narrow where few answers differ
    (Bonett & Price 2012, "Adjusted Wald confidence interval for a difference of binomial proportions").
    """
    resampled = [
        (_values(baseline, counts, down, up), _values(candidate, counts, up, down))
        for counts, up, down in _counts(examples, resamples, rng)
    ]
    first, second = (numpy.concatenate(blocks) for blocks in zip(*resampled, strict=True))
    once, each = numpy.ones(1), numpy.ones((1, examples))
    return first - _values(baseline, each, once, once), second - _values(candidate, each, once, once)


def scores(tallies: Sequence[Tally], examples: int) -> numpy.ndarray:
    """Each seed's score on all examples: (seeds,)."""
    nothing = numpy.zeros(1)
    found: numpy.ndarray = _values(tallies, numpy.ones((1, examples)), nothing, nothing)[0]
    return found


def _counts(
    examples: int, resamples: int, rng: numpy.random.Generator
) -> Iterator[tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]]:
    """How often each example is in each of some resamples, and each of the two that are added."""
    pool = examples + 2
    most = max(1, _BLOCK // pool)
    for start in range(0, resamples, most):
        rows = min(most, resamples - start)
        drawn = rng.integers(0, pool, size=(rows, pool)) + numpy.arange(rows)[:, None] * pool
        counts = numpy.bincount(drawn.ravel(), minlength=rows * pool).reshape(rows, pool).astype(float)
        yield counts[:, :examples], counts[:, examples], counts[:, examples + 1]


def _values(
    tallies: Sequence[Tally], counts: numpy.ndarray, right: numpy.ndarray, wrong: numpy.ndarray
) -> numpy.ndarray:
    """(resamples, seeds). One product of matrices sums up all seeds: that is where the time goes."""
    values = numpy.empty((len(counts), len(tallies)))
    summed = {at: each for at, each in enumerate(tallies) if isinstance(each, Sums)}
    if summed:
        sums = counts @ numpy.concatenate([each.statistics for each in summed.values()], axis=1)
        ends = numpy.cumsum([each.statistics.shape[1] for each in summed.values()])
        for (at, each), part in zip(summed.items(), numpy.split(sums, ends[:-1], axis=1), strict=True):
            values[:, at] = each.of(part, right, wrong)
    for at, other in enumerate(tallies):
        if at not in summed:
            values[:, at] = other.values(counts, right, wrong)
    return values
