"""Latency of several models against one another: interleaved rounds in several fresh processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchbench.errors import Missing
from benchbench.meters import statistics
from benchbench.meters.energy import DEFAULT_COUNTRY, EnergyReading, from_fields
from benchbench.meters.statistics import Rounds
from benchbench.models.source import ModelSource
from benchbench.processes import call
from benchbench.records import Interval
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


@dataclass(frozen=True, slots=True)
class SharedEnergy:
    """One reading while the entrants ran in turn at the first shape. `turns`: seconds and queries of each, by name."""

    reading: EnergyReading | Missing
    turns: Mapping[str, tuple[float, int]]


@dataclass(frozen=True)
class RaceResult:
    """`times[entrant, shape]`: a list of processes, each a list of rounds, each a list of query times in ms.

    `failures`: why an entrant has no times, by its name. `energy`: of all entrants in turn, where it was asked for.
    """

    times: Mapping[tuple[str, Shape], Sequence[Rounds]]
    failures: Mapping[str, str]
    energy: SharedEnergy | None = None

    def ratio(self, baseline: str, candidate: str, shape: Shape) -> Interval:
        """How many times faster `candidate` is than `baseline`, paired round by round."""
        return statistics.ratio(self.times[baseline, shape], self.times[candidate, shape])

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
    energy_seconds: float = 0.0,
    country: str = DEFAULT_COUNTRY,
) -> RaceResult:
    """Time all `entrants` at all `shapes` for `seconds` altogether, shared among `processes` fresh processes.

    The last process then meters the energy of the entrants on the first one's target, in turn, for `energy_seconds`,
    if that is not 0.

    Preparing (export, compilation), loading and warming up come on top. An entrant that cannot be prepared or loaded
    is a failure with its reason; the others go on.
    """
    jobs, failures = _prepare(entrants, shapes, cache)
    times: dict[tuple[str, Shape], list[Rounds]] = {}
    energy: SharedEnergy | None = None
    target = entrants[0].target
    lengths = {entrant.name: entrant.token_lengths for entrant in entrants}
    for number in range(processes):
        entries = [
            (name, index, job.to_json(), lengths[name]) for (name, index), job in jobs.items() if name not in failures
        ]
        if not entries:
            break
        request = {
            "entries": entries,
            "seconds": seconds / processes,
            "seed": seed + number,
            "energy_seconds": energy_seconds if number == processes - 1 else 0.0,
            "metered": [entrant.name for entrant in entrants if entrant.target == target],
            "country": target.country or country,
            "tdp_watts": target.tdp_watts,
            "tdp_source": target.tdp_source,
        }
        answer = call("benchbench.studies.workers.race_worker", request)
        failures |= answer["failures"]
        for name, index, rounds in answer["rounds"]:
            times.setdefault((name, shapes[index]), []).append(rounds)
        if "energy" in answer:
            energy = SharedEnergy(from_fields(answer["energy"]["reading"]), answer["energy"]["turns"])
    return RaceResult({key: value for key, value in times.items() if key[0] not in failures}, failures, energy)


def _prepare(
    entrants: Sequence[Entrant], shapes: Sequence[Shape], cache: Path
) -> tuple[dict[tuple[str, int], Job], dict[str, str]]:
    wanted = {
        (entrant.name, index): Job(entrant.source, entrant.target, shape, cache)
        for entrant in entrants
        for index, shape in enumerate(shapes)
    }
    prepared = dict(zip(wanted, artefacts.prepare_all(list(wanted.values()), cache), strict=True))
    jobs = {key: replace(job, folder=prepared[key].folder) for key, job in wanted.items()}
    failures = {name: made.reason for (name, _), made in prepared.items() if made.reason}
    return jobs, failures
