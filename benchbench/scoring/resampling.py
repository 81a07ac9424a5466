"""What several systems would score on other examples: all of them, and all their seeds, on the same resamples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy

from benchbench.scoring.tallies import Sums, Tally

_BLOCK = 2_000_000  # counts that are drawn at a time
_GROUPS = 200  # of examples that are left out in turn: enough to know how skewed their influence is


@dataclass(frozen=True, slots=True)
class Runs:
    """A system's runs on the same examples.

    `scores`: one a seed, (seeds,). `moves`: how far each lies from its centre on each resample, (resamples, seeds).
    `without`: each score without one group of the examples, (groups, seeds).
    """

    scores: numpy.ndarray
    moves: numpy.ndarray
    without: numpy.ndarray

    def times(self, factor: float) -> Runs:
        return Runs(factor * self.scores, factor * self.moves, factor * self.without)

    def plus(self, other: Runs) -> Runs:
        """Seed by seed."""
        return Runs(self.scores + other.scores, self.moves + other.moves, self.without + other.without)


def resampled(
    baseline: Sequence[Tally], candidate: Sequence[Tally], examples: int, resamples: int, rng: numpy.random.Generator
) -> tuple[Runs, Runs]:
    """The runs of both systems, all on the same resamples.

    The examples are resampled with two more, one that the candidate alone answers rightly and one that the baseline
    alone does: systems that answer alike on all examples are not known to do so on all others. For accuracies this is
    Laplace's correction of a paired difference, without which the interval is too narrow where few answers differ
    (Bonett & Price 2012, "Adjusted Wald confidence interval for a difference of binomial proportions").
    """
    pool = examples + 2
    systems = _System(baseline), _System(candidate)
    as_it_is = numpy.concatenate([numpy.ones(examples), numpy.zeros(2)])

    def both(counts: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
        up, down = counts[:, examples], counts[:, examples + 1]
        counts = counts[:, :examples]
        return systems[0].values(counts, down, up), systems[1].values(counts, up, down)

    drawn = [numpy.concatenate(blocks) for blocks in zip(*map(both, _counts(pool, resamples, rng)), strict=True)]
    kinds = both(as_it_is[None]), both(numpy.ones((1, pool))), both(_without_a_group(pool))
    first, second = (
        Runs(scores[0], moved - centre, without) for moved, scores, centre, without in zip(drawn, *kinds, strict=True)
    )
    return first, second


def _without_a_group(pool: int) -> numpy.ndarray:
    """Counts without each of some groups of equal size: (groups, pool)."""
    groups = min(pool, _GROUPS)
    kept: numpy.ndarray = numpy.arange(pool) % groups != numpy.arange(groups)[:, None]
    return kept.astype(float)


def _counts(pool: int, resamples: int, rng: numpy.random.Generator) -> Iterator[numpy.ndarray]:
    """How often each of `pool` examples is in each resample: (some resamples, pool) at a time."""
    most = max(1, _BLOCK // pool)
    for start in range(0, resamples, most):
        rows = min(most, resamples - start)
        drawn = rng.integers(0, pool, size=(rows, pool)) + numpy.arange(rows)[:, None] * pool
        yield numpy.bincount(drawn.ravel(), minlength=rows * pool).reshape(rows, pool).astype(float)


class _System:
    """The tallies of a system's runs, with the statistics of all of them side by side: one product sums up all."""

    def __init__(self, tallies: Sequence[Tally]) -> None:
        self._tallies = tallies
        self._summed = {at: each for at, each in enumerate(tallies) if isinstance(each, Sums)}
        sums = [each.statistics for each in self._summed.values()]
        self._statistics = numpy.concatenate(sums, axis=1) if sums else None
        self._ends = numpy.cumsum([each.shape[1] for each in sums])[:-1]

    def values(self, counts: numpy.ndarray, right: numpy.ndarray, wrong: numpy.ndarray) -> numpy.ndarray:
        """See `Tally.values`: (resamples, seeds)."""
        values = numpy.empty((len(counts), len(self._tallies)))
        if self._statistics is not None:
            parts = numpy.split(counts @ self._statistics, self._ends, axis=1)
            for (at, each), part in zip(self._summed.items(), parts, strict=True):
                values[:, at] = each.of(part, right, wrong)
        for at, other in enumerate(self._tallies):
            if at not in self._summed:
                values[:, at] = other.values(counts, right, wrong)
        return values
