"""What other trainings would have scored: the part of a difference that comes from seeds, beside that of examples.

Seeds are a sample of all the trainings that there could have been, and their spread is a source of variance of its own
(Bouthillier et al. 2021, "Accounting for variance in machine learning benchmarks"). A bootstrap of three or five of
them is too narrow. So their part is drawn from what is known of a variance after so few: Student's distribution for
their mean (Welch's, for two systems), less what their spread owes to the examples alone, which is in the examples' part
already. This is a two-way analysis of variance, examples crossed with seeds, with a generalized pivotal quantity for
the component of seeds (Weerahandi 1993, "Generalized confidence intervals").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy

from benchbench.records import Interval
from benchbench.scoring.acceleration import accelerated
from benchbench.scoring.outcomes import PERCENTILES
from benchbench.scoring.resampling import Runs

_DRAWS = 10  # of the seeds' part, for each of the examples' part: its tails are long, and it costs little


@dataclass(frozen=True, slots=True)
class Change:
    """A difference of two scores, with draws of what it may be in truth, given what was seen: (draws,).

    `examples`: how many there are. `seeds`: the fewest that a system has. `of_examples`, `of_seeds`: the variance of
    `value` that either adds.
    """

    value: float
    draws: numpy.ndarray
    examples: int
    seeds: int
    of_examples: float
    of_seeds: float

    def interval(self) -> Interval:
        """The value with its 95 % interval."""
        low, high = self.percentiles(*PERCENTILES)
        return Interval(self.value, min(low, self.value), max(high, self.value))

    def percentiles(self, *percentages: float) -> tuple[float, ...]:
        return tuple(float(end) for end in numpy.percentile(self.draws, percentages))

    def p_value(self) -> float:
        """Of no difference, two-sided: twice the share of draws on the rarer side of it."""
        rarer = min((self.draws <= 0).sum(), (self.draws >= 0).sum())
        return float(min(1.0, 2 * (rarer + 1) / (len(self.draws) + 1)))


@dataclass(frozen=True, slots=True)
class _Spread:
    """The variance of one seed's score, the part of it that it owes to the examples, and its degrees of freedom."""

    variance: float
    from_examples: float
    freedom: int


def joined(systems: Sequence[Runs], examples: int, rng: numpy.random.Generator) -> Change:
    """The sum of the mean scores of `systems`, whose seeds are independent; the baseline's scores are negative.

    Where only one of two has several seeds, the other's trainings are taken to vary as much. Where none has, the sum is
    that of these trained models.
    """
    moves = numpy.sum([system.moves.mean(axis=1) for system in systems], axis=0)
    without = numpy.sum([system.without.mean(axis=1) for system in systems], axis=0)
    by_examples = rng.permutation(accelerated(moves, without))
    by_seeds = _of_seeds(systems, len(moves) * _DRAWS, rng)
    value = float(sum(system.scores.mean() for system in systems))
    return Change(
        value=value,
        draws=value + numpy.tile(by_examples, _DRAWS) + by_seeds.draws,
        examples=examples,
        seeds=min(len(system.scores) for system in systems),
        of_examples=float(moves.var()),
        of_seeds=by_seeds.variance,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    draws: numpy.ndarray
    variance: float


def _of_seeds(systems: Sequence[Runs], draws: int, rng: numpy.random.Generator) -> _Part:
    known = [_spread(system) for system in systems if len(system.scores) > 1]
    if not known:
        return _Part(numpy.zeros(draws), 0.0)
    spreads = [_spread(system) if len(system.scores) > 1 else known[0] for system in systems]
    parts = [spread.variance / len(system.scores) for spread, system in zip(spreads, systems, strict=True)]
    from_examples = sum(
        spread.from_examples / len(system.scores) for spread, system in zip(spreads, systems, strict=True)
    )
    total = sum(parts)
    if total == 0:
        return _Part(numpy.zeros(draws), 0.0)
    # Welch's and Satterthwaite's degrees of freedom; a spread that is borrowed is not counted as known twice.
    freedom = total**2 / sum(part**2 / spread.freedom for part, spread in zip(parts, spreads, strict=True))
    if len(known) < len(spreads):
        freedom = known[0].freedom
    possible = numpy.maximum(total * freedom / rng.chisquare(freedom, draws) - from_examples, 0.0)
    return _Part(rng.standard_normal(draws) * numpy.sqrt(possible), max(total - from_examples, 0.0))


def _spread(system: Runs) -> _Spread:
    """Of at least two seeds."""
    count = len(system.scores)
    own = system.moves - system.moves.mean(axis=1, keepdims=True)
    from_examples = float(own.var(axis=0).mean()) * count / (count - 1)
    return _Spread(float(system.scores.var(ddof=1)), from_examples, count - 1)
