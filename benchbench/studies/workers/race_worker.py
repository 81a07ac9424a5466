"""Loading all entrants of a race and timing them in turn, in a process of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from benchbench.errors import Missing, one_line
from benchbench.meters.energy import EnergyReading, MeterSettings, measure_energy
from benchbench.meters.latency import LEAST_ROUNDS, Interleaved, Queries, Warm, interleave, run_all, take_turns, warmed
from benchbench.studies.workers.allocation import Share, divide
from benchbench.targets.inputs import batches, queries
from benchbench.targets.protocol import Prepared, Shape
from benchbench.targets.session import CheckedSession, open_session

Key = tuple[str, Shape]
"""An entrant by its name, at a shape."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entrant at one shape, ready to be opened. `token_lengths`, `groups`, `session`: as of the entrant."""

    entrant: str
    prepared: Prepared
    token_lengths: tuple[int, ...] = ()
    groups: tuple[tuple[int, ...], ...] = ()
    session: str = ""

    @property
    def key(self) -> Key:
        return self.entrant, self.prepared.job.shape


@dataclass(frozen=True, slots=True)
class SharedMeter:
    """One reading of energy while the `entrants` run the `shape` in turn for `seconds`."""

    entrants: tuple[str, ...]
    shape: Shape
    seconds: float
    settings: MeterSettings


@dataclass(frozen=True, slots=True)
class RaceRequest:
    """`seconds`: of all shapes together, and at each of them `least_rounds` whatever they take.

    `shares`: which of the entries run, shape by shape. `meter`: what is read after the race, if anything.
    """

    entries: tuple[Entry, ...]
    shares: tuple[Share, ...]
    seconds: float
    seed: int
    least_rounds: int = LEAST_ROUNDS
    meter: SharedMeter | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """The rounds of the entrants that ran at a shape in one process."""

    shape: Shape
    rounds: Interleaved

    def of(self, entrants: Iterable[str]) -> bool:
        """Whether all of them ran."""
        return all(entrant in self.rounds.times for entrant in entrants)

    @property
    def count(self) -> int:
        """Of its rounds."""
        return len(next(iter(self.rounds.times.values())))

    @property
    def disturbed(self) -> bool:
        return self.rounds.disturbance is not None and self.rounds.disturbance.disturbs


@dataclass(frozen=True, slots=True)
class SharedEnergy:
    """One reading while the entrants ran in turn at one shape. `turns`: seconds and queries of each, by name."""

    reading: EnergyReading | Missing
    turns: Mapping[str, tuple[float, int]]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an entrant could not be loaded or run at a shape."""

    entrant: str
    shape: Shape
    missing: Missing


@dataclass(frozen=True, slots=True)
class RaceAnswer:
    """What the rounds took, and what had none."""

    timings: tuple[Timing, ...]
    failures: tuple[Failure, ...]
    energy: SharedEnergy | None = None


def run_race(request: RaceRequest) -> RaceAnswer:
    """Open every entry, time those that run shape by shape, then meter them where that is asked for."""
    failures: list[Failure] = []
    shapes = _warm(_opened(request, failures), failures)
    timings, meter = _timings(shapes, request), request.meter
    return RaceAnswer(timings, tuple(failures), _energy(shapes.get(meter.shape, {}), meter) if meter else None)


def _opened(request: RaceRequest, failures: list[Failure]) -> dict[Key, Queries]:
    """What each entry is timed on; of one that cannot be opened, the reason among the `failures`."""
    opened: dict[Key, Queries] = {}
    sessions: dict[tuple[str, Shape | None], CheckedSession] = {}
    for entry in request.entries:
        try:
            opened[entry.key] = _queries(entry, sessions, request.seed)
        except Exception as error:  # an engine may fail in any way; its other shapes and the other entrants go on
            failures.append(Failure(*entry.key, Missing(one_line(error))))
    return opened


def _warm(opened: Mapping[Key, Queries], failures: list[Failure]) -> dict[Shape, dict[str, Warm]]:
    """The entrants by shape, each run once all are open: to open one may undo what another did at its first query."""
    shapes: dict[Shape, dict[str, Warm]] = {}
    for (entrant, shape), those in opened.items():
        try:
            shapes.setdefault(shape, {})[entrant] = warmed(those)
        except Exception as error:  # as above
            failures.append(Failure(entrant, shape, Missing(one_line(error))))
    return shapes


def _timings(shapes: Mapping[Shape, Mapping[str, Warm]], request: RaceRequest) -> tuple[Timing, ...]:
    """What a round takes decides how the seconds are divided."""
    takes = {shape: sum(each.seconds for each in entrants.values()) for shape, entrants in shapes.items()}
    seconds = divide(request.seconds, request.shares, takes)
    return tuple(
        Timing(shape, interleave(entrants, seconds[shape], request.seed, request.least_rounds))
        for shape, entrants in shapes.items()
    )


def _queries(entry: Entry, sessions: dict[tuple[str, Shape | None], CheckedSession], seed: int) -> Queries:
    """An entrant's shapes share one of the `sessions` where it runs any shape, and entrants that name the same one."""
    shape, name = entry.prepared.job.shape, entry.session or entry.entrant
    session = sessions.get((name, None)) or open_session(entry.prepared)
    sessions[name, session.fixed] = session
    vocabulary = session.vocabulary_size
    if entry.groups:
        run = [partial(session.run, batch) for batch in batches(entry.groups, vocabulary, seed)]
        return [partial(run_all, run)]
    fixed = session.fixed is not None
    return [partial(session.run, batch) for batch in queries(shape, vocabulary, seed, entry.token_lengths, fixed=fixed)]


def _energy(entrants: Mapping[str, Warm], meter: SharedMeter) -> SharedEnergy | None:
    metered = {name: entrants[name].queries for name in meter.entrants if name in entrants}
    if not metered:
        return None
    with measure_energy(meter.settings) as running:
        turns = take_turns(metered, meter.seconds)
    return SharedEnergy(running.reading(), turns)
