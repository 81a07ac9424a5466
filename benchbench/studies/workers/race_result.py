"""What a race found: the rounds of each process, and what can be said of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchbench.errors import Missing
from benchbench.meters import neighbours, statistics
from benchbench.meters.statistics import DECIDING, Rounds
from benchbench.records import Interval
from benchbench.studies.workers.allocation import LEAST_PROCESSES, Comparison
from benchbench.studies.workers.race_worker import Key, SharedEnergy, Timing
from benchbench.targets.shape import Shape


@dataclass(frozen=True)
class RaceResult:
    """`timings`: a process times several shapes, and at each of them some of the entrants or all.

    `failures`: why an entrant has no times at a shape. `energy`: what the meter read, where one was given. `processes`:
    how many ran. `decided_within`: the half-width at which the race went on without a comparison; 0 where nothing was
    left out.
    """

    timings: Sequence[Timing]
    failures: Mapping[Key, Missing] = field(default_factory=dict)
    energy: SharedEnergy | None = None
    processes: int = 0
    decided_within: float = 0.0

    def shapes(self, entrant: str) -> Sequence[Shape]:
        """At which the entrant was timed."""
        ran = dict.fromkeys(timing.shape for timing in self.timings if entrant in timing.rounds.times)
        return [shape for shape in ran if (entrant, shape) not in self.failures]

    def standing(self, shape: Shape, *entrants: str) -> Sequence[Timing]:
        """Of the processes in which all `entrants` ran: those beside which nothing else did, where these are enough.

        What else ran decides it, never the times themselves.
        """
        ran = [timing for timing in self.timings if timing.shape == shape and timing.of(entrants)]
        quiet = [timing for timing in ran if not timing.disturbed]
        return quiet if len(quiet) >= LEAST_PROCESSES else ran

    def times(self, entrant: str, shape: Shape) -> Sequence[Rounds]:
        """A list of processes, each a list of rounds, each a list of query times in ms."""
        return [timing.rounds.times[entrant] for timing in self.standing(shape, entrant)]

    def median(self, entrant: str, shape: Shape) -> Interval:
        """In ms, of the queries of a process."""
        return self._told(Comparison(shape, (entrant,)))

    def ratio(self, baseline: str, candidate: str, shape: Shape) -> Interval:
        """How many times faster `candidate` is than `baseline`, paired round by round."""
        return self._told(Comparison(shape, (baseline, candidate)))

    def _told(self, comparison: Comparison) -> Interval:
        return statistics.decided(lambda confidence: self._interval(comparison, confidence), self.decided_within)

    def _interval(self, comparison: Comparison, confidence: float) -> Interval:
        standing = self.standing(comparison.shape, *comparison.entrants)
        times = [[timing.rounds.times[entrant] for timing in standing] for entrant in comparison.entrants]
        if len(times) == 1:
            return statistics.median(times[0], confidence)
        return statistics.ratio(times[0], times[1], confidence)

    def disturbed(self, shape: Shape, *entrants: str) -> str:
        """What to say of the entrants' values at `shape` where neighbours disturbed them; else empty."""
        return neighbours.note(timing.rounds.disturbance for timing in self.standing(shape, *entrants))

    def rounds(self, shape: Shape, *entrants: str) -> int:
        """In which all of the entrants ran."""
        return sum(len(timing.rounds.times[entrants[0]]) for timing in self.standing(shape, *entrants))

    def queries(self, entrant: str, shape: Shape) -> int:
        return sum(len(r) for process in self.times(entrant, shape) for r in process)

    def half_widths(self, comparisons: Iterable[Comparison]) -> Mapping[Comparison, float]:
        """Of those that can be made, as an allocation wants them."""
        return {
            comparison: self._half_width(comparison)
            for comparison in comparisons
            if not any((entrant, comparison.shape) in self.failures for entrant in comparison.entrants)
        }

    def _half_width(self, comparison: Comparison) -> float:
        shape, entrants = comparison.shape, comparison.entrants
        if not self.standing(shape, *entrants) or self.disturbed(shape, *entrants):
            return math.inf
        found = self._interval(comparison, DECIDING)
        return found.half_width if statistics.known(found) else math.inf

    @property
    def seconds(self) -> float:
        """That all rounds took."""
        return sum(timing.rounds.seconds for timing in self.timings)

    @property
    def all_rounds(self) -> int:
        return sum(timing.count for timing in self.timings)

    @property
    def round_seconds(self) -> Mapping[Shape, float]:
        """What a round took in the last process that ran a shape."""
        return {t.shape: t.rounds.seconds / t.count for t in self.timings}
