"""Which of a race's comparisons are still open, and what its next process runs for them.

A comparison is decided, and no further process is spent on it, when its interval at `statistics.DECIDING` is within the
width that was asked for. To look at an interval after each process and to stop at the first that is narrow favours
spreads that came out too small: of 95 % intervals so chosen as few as 92 of 100 hold the true value (Singham & Schruben
2012, "Finite-sample performance of absolute precision stopping rules"). Hence a least number of processes, and a
stricter interval to decide on, which is then also the one that is reported, as in a group-sequential test (Pocock 1977,
"Group sequential methods in the design and analysis of clinical trials"). What was not decided had no such choice and
keeps its 95 %.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchbench.targets.shape import Shape

LEAST_PROCESSES = 4
"""Before anything is decided: with three, a spread that is too small by chance is too common."""
_LEAST_NEED, _MOST_NEED = 0.5, 4.0  # of rounds, where 1 is that of an interval as wide as was asked for


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a race is to tell at a shape: how the times of two entrants compare, or the median of a single one."""

    shape: Shape
    entrants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """The entrants that run at a shape. `need`: how many rounds they need in proportion to those at other shapes."""

    shape: Shape
    entrants: tuple[str, ...]
    need: float = 1.0


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """What the next process runs, and for how many `seconds` altogether. `least_rounds`: at each shape, for all that.

    Where there are few processes the interval comes from the rounds of each; of many, each may have a single one.
    """

    shares: tuple[Share, ...]
    seconds: float
    least_rounds: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """How a race spends its time: at most `seconds` in at most `processes`, until all is within ± `half_width`."""

    processes: int
    seconds: float
    half_width: float

    @property
    def least(self) -> int:
        """Processes that run everything, whatever they find."""
        return min(LEAST_PROCESSES, self.processes)

    @property
    def decides(self) -> bool:
        """Whether the race may end before its last process, so that an interval may be narrow because it was waited
        for.
        """
        return self.processes > self.least

    def next_process(
        self,
        half_widths: Mapping[Comparison, float],
        ran: int,
        spent_seconds: float,
        round_seconds: Mapping[Shape, float],
    ) -> ProcessPlan | None:
        """None where the race is over: all is decided, or the processes or seconds are used up.

        `half_widths`: of what can be compared, at `statistics.DECIDING`, as a share of the value; infinite where there
        is none to be had or neighbours disturbed it. `round_seconds`: what a round took, by shape, where one ran.
        """
        left = max(0.0, self.seconds - spent_seconds)
        shares = shares_of(half_widths, self.half_width, everything=ran < self.least)
        shortest = sum(round_seconds.get(share.shape, 0.0) for share in shares)
        if not shares or ran >= self.processes or (ran >= self.least and left < shortest / 2):
            return None
        return ProcessPlan(shares, left / (self.processes - ran), 1 if self.decides else 2)


def comparisons(shapes: Iterable[Shape], entrants: Sequence[str], baselines: Sequence[str]) -> list[Comparison]:
    """At each shape the median of each of the `entrants`, and each of them against each other of the `baselines`."""
    pairs = dict.fromkeys((min(a, b), max(a, b)) for a in entrants for b in baselines if a != b)
    return [Comparison(shape, who) for shape in shapes for who in (*((name,) for name in entrants), *pairs)]


def shares_of(half_widths: Mapping[Comparison, float], wanted: float, *, everything: bool) -> tuple[Share, ...]:
    """A share for each shape that has an open comparison, with the entrants of those alone: both sides of each.

    Its need is that of its widest comparison, since an interval becomes half as wide with four times the rounds.
    `everything`: nothing is left out, whatever is decided.
    """
    found: dict[Shape, tuple[dict[str, None], float]] = {}
    for comparison, half_width in half_widths.items():
        if everything or half_width > wanted:
            entrants, need = found.get(comparison.shape, ({}, _LEAST_NEED))
            of_this = _MOST_NEED if math.isinf(half_width) else min(_MOST_NEED, (half_width / wanted) ** 2)
            found[comparison.shape] = (entrants | dict.fromkeys(comparison.entrants), max(need, of_this))
    return tuple(Share(shape, tuple(entrants), need) for shape, (entrants, need) in found.items())


def divide(seconds: float, shares: Sequence[Share], round_seconds: Mapping[Shape, float]) -> Mapping[Shape, float]:
    """The seconds of each shape: in proportion to the rounds that it needs, and to the root of what one of them takes.

    So the rounds of a shape go down with the root of their cost, which tells most in a given time (Cochran 1977,
    "Sampling Techniques", section 5.5). `round_seconds`: of the shapes that can run; the others get none.
    """
    runs = [share for share in shares if share.shape in round_seconds]
    wanted = {share.shape: share.need * math.sqrt(round_seconds[share.shape]) for share in runs}
    whole = sum(wanted.values())
    return {shape: seconds * part / whole for shape, part in wanted.items()}
