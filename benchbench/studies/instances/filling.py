"""One filling of the machine: all processes of a partition answer at once, each shape in turn, then under a meter."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter

from benchbench import processes
from benchbench.errors import Missing, one_line
from benchbench.meters import neighbours
from benchbench.meters.energy import EnergyReading, MeterSettings, measure_energy
from benchbench.meters.neighbours import Disturbance
from benchbench.studies.instances.instance_worker import (
    LEAD_SECONDS,
    Answered,
    InstanceAnswer,
    InstanceRequest,
    Query,
    answer_together,
)
from benchbench.studies.instances.meeting import Meeting, Period, until, until_moment
from benchbench.studies.instances.partitions import Partition
from benchbench.targets.protocol import Prepared, Shape

_OPENING_SECONDS = 300.0  # at most, until all processes are ready
_LEAST_QUERIES = 5  # of each process in a period, where a query is long
_REST_SECONDS = 0.05  # between two periods, beside the query that runs on
_METER_SECONDS = 3.0  # for a meter to set itself up
_SLICE_MS = 50.0  # queries nearer to one another can all be in one burst, see `meters.percentiles`
_LATE = 3.0  # times a query may take what it took alone


@dataclass(frozen=True, slots=True)
class Load:
    """`seconds`: at each shape. `energy_seconds`: under the `meter` at the first shape, 0 for none."""

    seconds: float
    energy_seconds: float = 0.0
    meter: MeterSettings = field(default_factory=MeterSettings)


@dataclass(frozen=True, slots=True)
class Served:
    """What all processes answered in one period. `queries`: of each process. `batch_size`: examples in a query."""

    period: Period
    batch_size: int
    queries: tuple[tuple[Query, ...], ...]
    disturbance: Disturbance | None

    @property
    def examples(self) -> float:
        """Answered within the period: of a query that is not wholly in it, its part that is."""
        return self.batch_size * sum(_part(query, self.period) for each in self.queries for query in each)

    @property
    def rate(self) -> float:
        """Examples per second."""
        return self.examples / self.period.seconds

    @property
    def slices(self) -> Sequence[Sequence[float]]:
        """The times in ms of the queries that began in the period, those of about 50 ms together."""
        begun = sorted(
            (q for each in self.queries for q in each if q.begin >= self.period.begin), key=lambda query: query.begin
        )
        slices: dict[int, list[float]] = {}
        for query in begun:
            number = int(1000 * (query.begin - self.period.begin) / _SLICE_MS)
            slices.setdefault(number, []).append(1000 * (query.end - query.begin))
        return list(slices.values())


@dataclass(frozen=True, slots=True)
class Metered:
    """A reading that covers a period in which so many `queries` were answered."""

    reading: EnergyReading | Missing
    seconds: float
    examples: float


@dataclass(frozen=True, slots=True)
class Filling:
    """`memory_bytes`: of all processes together."""

    served: Mapping[Shape, Served]
    memory_bytes: int
    energy: Metered | None


def fill(
    partition: Partition, prepared: Sequence[Prepared], apart: Sequence[Sequence[int]], load: Load, seed: int
) -> Filling | Missing:
    """Start the processes, let them answer together, and say what they did, or why one of them could not.

    `prepared`: one model at each shape. `apart`: the physical cores, each as its logical ones. Ends within a limit of
    time whatever an engine does.
    """
    with tempfile.TemporaryDirectory(prefix="benchbench-instances-") as folder:
        requests = [
            InstanceRequest(tuple(prepared), tuple(own), partition.threads, partition.queue, number, Path(folder), seed)
            for number, own in enumerate(partition.cpus(apart))
        ]
        most = _OPENING_SECONDS + _LATE * (load.seconds * len(prepared) + load.energy_seconds)
        with ThreadPoolExecutor(len(requests)) as pool:
            running = [pool.submit(processes.call, answer_together, request, most) for request in requests]
            return _together(Meeting(Path(folder)), running, [each.job.shape for each in prepared], load)


def _together(
    meeting: Meeting, running: Sequence[Future[InstanceAnswer]], shapes: Sequence[Shape], load: Load
) -> Filling | Missing:
    """Wherever it ends, the processes are told, and end too."""
    try:
        until(lambda: len(meeting.readiness(len(running))) == len(running) or _ended(running), _OPENING_SECONDS)
        if not _ended(running):
            if load.energy_seconds:
                with measure_energy(load.meter):  # what it sets up the first time must not shorten the reading
                    pass
            ready = meeting.readiness(len(running)).values()
            periods = list(_periods([max(times) for times in zip(*ready, strict=True)], load))
            meeting.call(periods)
            return _watched(periods, running, shapes, load)
    except TimeoutError as error:
        return Missing(one_line(error))
    finally:
        meeting.end()
    return _failure(running)


def _periods(query_seconds: Sequence[float], load: Load) -> Iterator[Period]:
    """One for each shape, long enough for a few queries, then one for the meter where there is one."""
    begin = perf_counter() + 2 * LEAD_SECONDS
    wanted = [(number, max(load.seconds, _LEAST_QUERIES * takes)) for number, takes in enumerate(query_seconds)]
    if load.energy_seconds:
        wanted.append((0, load.energy_seconds + _METER_SECONDS))
    for number, seconds in wanted:
        yield Period(number, begin, begin + seconds)
        begin += seconds + _REST_SECONDS + LEAD_SECONDS + _LATE * query_seconds[number]


def _watched(
    periods: Sequence[Period], running: Sequence[Future[InstanceAnswer]], shapes: Sequence[Shape], load: Load
) -> Filling | Missing:
    """What runs beside them is read at both ends of each period."""
    beside = [_beside(period) for period in periods[: len(shapes)]]
    reading = _metered(periods[-1], load.meter) if load.energy_seconds else None
    answers = [future.result() for future in running if not future.exception()]
    if len(answers) < len(running):
        return _failure(running)
    of_period = zip(*(answer.periods for answer in answers), strict=True)
    served = [
        _served(period, shapes[period.number], answered, found)
        for period, answered, found in zip(periods, of_period, [*beside, None], strict=False)
    ]
    if not all(each.slices for each in served):
        return Missing("a period ended before its first query did")
    metered = None if reading is None else Metered(reading, served[-1].period.seconds, served[-1].examples)
    memory = sum(answer.memory_bytes for answer in answers)
    return Filling(dict(zip(shapes, served, strict=False)), memory, metered)


def _served(period: Period, shape: Shape, answered: Sequence[Answered], beside: Disturbance | None) -> Served:
    own = sum(each.cpu_seconds * period.seconds / _span(each) for each in answered if each.queries)
    if beside is not None:
        beside = replace(beside, foreign_seconds=max(0.0, beside.foreign_seconds - own), own_seconds=own)
    return Served(period, shape.batch_size, tuple(each.queries for each in answered), beside)


def _beside(period: Period) -> Disturbance | None:
    """All that ran, as of processes that are not this one's."""
    until_moment(period.begin)
    before = neighbours.counters()
    until_moment(period.end)
    return neighbours.between(before, neighbours.counters())


def _metered(period: Period, settings: MeterSettings) -> EnergyReading | Missing:
    until_moment(period.begin)
    with measure_energy(settings) as meter:
        until_moment(period.end)
    return meter.reading()


def _part(query: Query, period: Period) -> float:
    """The share of a query's time that lies in the period."""
    within = min(query.end, period.end) - max(query.begin, period.begin)
    return max(0.0, within) / (query.end - query.begin)


def _span(answered: Answered) -> float:
    return max(query.end for query in answered.queries) - answered.queries[0].begin


def _ended(running: Sequence[Future[InstanceAnswer]]) -> bool:
    return any(future.done() for future in running)


def _failure(running: Sequence[Future[InstanceAnswer]]) -> Missing:
    """Of the first process that failed."""
    errors = [error for future in running if (error := future.exception())]
    return Missing(one_line(errors[0]) if errors else "a process ended before the others were ready")
