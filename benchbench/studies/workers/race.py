"""Latency of several models against one another: interleaved rounds in several fresh processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchbench import processes as workers
from benchbench.errors import Missing, one_line
from benchbench.meters import neighbours, statistics
from benchbench.meters.neighbours import Disturbance
from benchbench.meters.statistics import Rounds
from benchbench.models.source import ModelSource
from benchbench.records import Interval
from benchbench.studies.workers.race_worker import (
    Entry,
    Failure,
    Key,
    RaceAnswer,
    RaceRequest,
    SharedEnergy,
    SharedMeter,
    run_race,
)
from benchbench.targets import artefacts
from benchbench.targets.protocol import Job, Shape, Target


@dataclass(frozen=True, slots=True)
class Entrant:
    """A model on a target, under a name of its own: the same pair may enter twice.

    `token_lengths`: of the examples that it is given, in their order; a round then runs all of them, a batch at a
    time. Empty: examples that fill the shape.
    """

    name: str
    source: ModelSource
    target: Target
    token_lengths: tuple[int, ...] = ()


@dataclass(frozen=True)
class RaceResult:
    """`times[entrant, shape]`: a list of processes, each a list of rounds, each a list of query times in ms.

    `failures`: why an entrant has no times at a shape. `disturbances`: what ran beside the rounds of a shape, in each
    process. `energy`: what the meter read, where one was given.
    """

    times: Mapping[Key, Sequence[Rounds]]
    failures: Mapping[Key, Missing]
    disturbances: Mapping[Shape, Sequence[Disturbance | None]]
    energy: SharedEnergy | None = None

    def ratio(self, baseline: str, candidate: str, shape: Shape) -> Interval:
        """How many times faster `candidate` is than `baseline`, paired round by round."""
        return statistics.ratio(self.times[baseline, shape], self.times[candidate, shape])

    def disturbed(self, shape: Shape) -> str:
        """What to say of all values at `shape` where neighbours disturbed them; else empty."""
        return neighbours.note(self.disturbances.get(shape, ()))

    def rounds(self, entrant: str, shape: Shape) -> int:
        return sum(len(process) for process in self.times[entrant, shape])

    def queries(self, entrant: str, shape: Shape) -> int:
        return sum(len(r) for process in self.times[entrant, shape] for r in process)


def race(
    entrants: Sequence[Entrant],
    shapes: Sequence[Shape],
    *,
    processes: int,
    seconds: float,
    cache: Path,
    seed: int = 0,
    meter: SharedMeter | None = None,
) -> RaceResult:
    """Time all `entrants` at all `shapes` for `seconds` altogether, shared among `processes` fresh processes.

    Preparing (export, compilation), loading and warming up come on top. An entrant that cannot be prepared, loaded or
    run at a shape, or whose engine ends the process there, is a failure with its reason; its other shapes and the other
    entrants go on. The last process ends with a reading of the `meter`.
    """
    entries, failures = _prepare(entrants, shapes, cache)
    times: dict[Key, list[Rounds]] = {}
    disturbances: dict[Shape, list[Disturbance | None]] = {}
    energy: SharedEnergy | None = None
    for number in range(processes):
        running = tuple(entry for entry in entries if entry.key not in failures)
        if not running:
            break
        last = number == processes - 1
        request = RaceRequest(running, seconds / processes, seed + number, meter if last else None)
        answer = _answer(request)
        failures |= _by_key(answer.failures)
        energy = answer.energy
        for timing in answer.timings:
            disturbances.setdefault(timing.shape, []).append(timing.rounds.disturbance)
            for name, rounds in timing.rounds.times.items():
                times.setdefault((name, timing.shape), []).append(rounds)
    timed = {key: value for key, value in times.items() if key not in failures}
    return RaceResult(timed, failures, disturbances, energy)


def _answer(request: RaceRequest) -> RaceAnswer:
    """What the process of all entries says; where it dies, each entrant runs alone, and one that dies then shape by
    shape, to find which it is.

    The others run together once more: times of entrants that ran alone are not paired.
    """
    try:
        return workers.call(run_race, request)
    except workers.ChildFailed as error:
        died = tuple(Failure(*entry.key, Missing(one_line(error))) for entry in request.entries)
    if len(died) == 1:
        return RaceAnswer((), died)
    parts = (RaceRequest(part, 0.0, request.seed) for part in _parts(request.entries))
    failures = tuple(failure for part in parts for failure in _answer(part).failures)
    left = tuple(entry for entry in request.entries if entry.key not in _by_key(failures))
    if not failures or not left:
        return RaceAnswer((), failures or died)
    answer = _answer(replace(request, entries=left))
    return replace(answer, failures=(*failures, *answer.failures))


def _by_key(failures: Sequence[Failure]) -> Mapping[Key, Missing]:
    return {(failure.entrant, failure.shape): failure.missing for failure in failures}


def _parts(entries: Sequence[Entry]) -> Iterator[tuple[Entry, ...]]:
    """The entries of each entrant; of a single entrant each entry for itself."""
    names = dict.fromkeys(entry.entrant for entry in entries)
    if len(names) == 1:
        yield from ((entry,) for entry in entries)
        return
    for name in names:
        yield tuple(entry for entry in entries if entry.entrant == name)


def _prepare(
    entrants: Sequence[Entrant], shapes: Sequence[Shape], cache: Path
) -> tuple[list[Entry], dict[Key, Missing]]:
    """An entry for each entrant at each shape, shape by shape, and why there is none."""
    wanted = [(entrant, Job(entrant.source, entrant.target, shape)) for shape in shapes for entrant in entrants]
    entries: list[Entry] = []
    failures: dict[Key, Missing] = {}
    made = artefacts.prepare_all([job for _, job in wanted], cache)
    for (entrant, job), prepared in zip(wanted, made, strict=True):
        if isinstance(prepared, Missing):
            failures[entrant.name, job.shape] = prepared
        else:
            entries.append(Entry(entrant.name, prepared, entrant.token_lengths))
    return entries, failures
