"""One process of a partition: it keeps to its own cores, meets the others, and answers while all of them do."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import TypeVar

from benchbench import machine
from benchbench.meters import memory
from benchbench.meters.latency import warm_up
from benchbench.studies.instances.meeting import Meeting, Period, until_moment
from benchbench.targets.catalogue import runtime_of
from benchbench.targets.inputs import batch
from benchbench.targets.limits import Limits
from benchbench.targets.protocol import Batch, Prepared, RequestQueue
from benchbench.targets.session import open_queue, open_session

T = TypeVar("T")

LEAD_SECONDS = 0.1
"""So long before a period begins, queries run already, so that it begins with every core busy."""


@dataclass(frozen=True, slots=True)
class InstanceRequest:
    """`prepared`: one model, at each shape. `cpus`: the logical cores that are this process's own.

    `queue`: several requests at once, as the engine shares the cores itself. `process`: its number at the `meeting`.
    """

    prepared: tuple[Prepared, ...]
    cpus: tuple[int, ...]
    threads: int
    queue: bool
    process: int
    meeting: Path
    seed: int


@dataclass(frozen=True, slots=True)
class Query:
    """From `begin` to `end`, in seconds of `perf_counter`."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Answered:
    """What a process did in one period. `cpu_seconds`: of its own."""

    queries: tuple[Query, ...]
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class InstanceAnswer:
    """`periods`: in their order. `memory_bytes`: all that the process takes, what it shares with others in part."""

    periods: tuple[Answered, ...]
    memory_bytes: int


Answering = Callable[[Period], list[Query]]
"""Answers one query after the other from just before a period to its end."""


def answer_together(request: InstanceRequest) -> InstanceAnswer:
    """Open the model, say so at the meeting, and answer in the periods that are called there."""
    machine.pin(request.cpus)
    opened = list(_queued(request) if request.queue else _one_by_one(request))
    meeting = Meeting(request.meeting)
    meeting.ready(request.process, [warm_up(each.once) for each in opened])
    periods, taken = meeting.periods(), memory.proportional_bytes()
    gc.collect()
    gc.disable()
    return InstanceAnswer(tuple(_answered(opened[p.number].during, p) for p in periods), taken)


def _answered(during: Answering, period: Period) -> Answered:
    until_moment(period.begin - LEAD_SECONDS)
    before = process_time()
    queries = during(period)
    return Answered(tuple(queries), process_time() - before)


@dataclass(frozen=True, slots=True)
class _Opened:
    """A model at one shape. `once`: a single query, to warm up."""

    once: Callable[[], object]
    during: Answering


def _one_by_one(request: InstanceRequest) -> Iterator[_Opened]:
    for session, asked in _loaded(request, open_session):
        query = partial(session.run, asked)
        yield _Opened(query, partial(_run_until_end, query))


def _run_until_end(query: Callable[[], object], period: Period) -> list[Query]:
    found = []
    begin = perf_counter()
    while begin < period.end:
        query()
        end = perf_counter()
        found.append(Query(begin, end))
        begin = end
    return found


def _queued(request: InstanceRequest) -> Iterator[_Opened]:
    for queue, asked in _loaded(request, open_queue):
        yield _Opened(partial(_once, queue, asked), partial(_fill_until_end, queue, asked))


def _once(queue: RequestQueue, asked: Batch) -> None:
    queue.wait_for_place()
    queue.start(asked, lambda _: None)
    queue.finish()


def _fill_until_end(queue: RequestQueue, asked: Batch, period: Period) -> list[Query]:
    """A query is sent as soon as there is a place for it."""
    found: list[Query] = []

    def done(begin: float, _: object) -> None:
        found.append(Query(begin, perf_counter()))

    queue.wait_for_place()
    begin = perf_counter()
    while begin < period.end:
        queue.start(asked, partial(done, begin))
        queue.wait_for_place()
        begin = perf_counter()
    queue.finish()
    return found


def _loaded(request: InstanceRequest, load: Callable[[Prepared], T]) -> Iterator[tuple[T, Batch]]:
    """The very files that were prepared, with as many threads as the process has cores, and a batch of each shape.

    A model that runs any shape is loaded once.
    """
    loaded: T | None = None
    for prepared in request.prepared:
        job = replace(prepared.job, target=replace(prepared.job.target, threads=request.threads))
        if loaded is None or runtime_of(job.target).fixed_shape():
            loaded = load(replace(prepared, job=job))
        vocabulary = Limits.read(prepared.folder).vocabulary_size
        yield loaded, batch(job.shape, vocabulary, request.seed + request.process)
