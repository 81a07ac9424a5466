"""Claims of 'no worse': tests of non-inferiority, with the margin that a claim allows.

That a difference is not significant does not show that there is none. A claim of 'no worse by more than the margin' is
supported where even the lower one-sided 95 % bound of the difference lies within the margin, and refuted where even the
upper one lies beyond it (Walker & Nowacki 2011, "Understanding equivalence and noninferiority testing").
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from benchbench.records import Interval, Marking
from benchbench.scoring.answers import Answers
from benchbench.scoring.paired import change
from benchbench.scoring.seeds import Change

Decision = Literal["supported", "not supported", "undecided"]

_BOUNDS = (5.0, 95.0)  # each one-sided at 95 %


@dataclass(frozen=True, slots=True)
class Margin:
    """How much worse is no worse: `by` in the unit of the metric, or as a share of the baseline's score.

    `Margin(0.01, relative=True)`: the candidate keeps 99 % of the baseline's score.
    """

    by: float
    relative: bool = False


@dataclass(frozen=True, slots=True)
class NonInferiority:
    """`excess`: how far the candidate lies above the least that the margin allows, between its one-sided bounds.

    `examples_needed`, `seeds_needed`: where it is undecided, how many examples or seeds, the other left as it is, would
    decide; None where no number would. `examples`, `seeds`: how many there are. With one seed the decision is about
    these two trained models.
    """

    decision: Decision
    excess: Interval
    examples: int
    seeds: int
    examples_needed: int | None = None
    seeds_needed: int | None = None


def no_worse(
    marking: Marking,
    metric: str,
    baseline: Sequence[Answers],
    candidate: Sequence[Answers],
    margin: Margin,
    *,
    same_training: bool = False,
    resamples: int = 1000,
    seed: int = 0,
) -> NonInferiority:
    """Whether the candidate's `metric` is no worse than the baseline's by more than `margin`. See `paired.change`.

    How many would decide assumes that the difference stays what it is now and that a bound's distance from it shrinks
    as its variance does: the part of examples as one over their number, the part of seeds as one over theirs.
    """
    found = change(
        marking,
        metric,
        baseline,
        candidate,
        kept=1 - margin.by if margin.relative else 1.0,
        same_training=same_training,
        resamples=resamples,
        seed=seed,
    )
    least = 0.0 if margin.relative else -margin.by
    low, high = found.percentiles(*_BOUNDS)
    excess = Interval(found.value - least, low - least, high - least)
    if excess.low >= 0 or excess.high < 0:
        decision: Decision = "supported" if excess.low >= 0 else "not supported"
        return NonInferiority(decision, excess, found.examples, found.seeds)
    return NonInferiority("undecided", excess, found.examples, found.seeds, *_needed(found, excess))


def _needed(found: Change, excess: Interval) -> tuple[int | None, int | None]:
    reach = excess.value - excess.low if excess.value > 0 else excess.high - excess.value
    allowed = (found.of_examples + found.of_seeds) * (excess.value / reach) ** 2 if reach > 0 else 0.0
    return (
        _times(found.examples, found.of_examples, allowed - found.of_seeds),
        _times(found.seeds, found.of_seeds, allowed - found.of_examples),
    )


def _times(count: int, variance: float, allowed: float) -> int | None:
    """How many there must be for `variance`, which `count` of them have, to fall to `allowed`."""
    return math.ceil(count * variance / allowed) if variance > 0 and allowed > 0 else None
