"""Timing several entrants in turn, round after round, so that what drifts hits all of them alike."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from statistics import median
from time import perf_counter, perf_counter_ns
from typing import Any

from benchbench.meters import neighbours
from benchbench.meters.neighbours import Disturbance

_SLICE_SECONDS = 0.05  # an entrant's share of a round: long enough that the switch does not matter
_MOST_QUERIES = 50  # in one slice
LEAST_ROUNDS = 2
_TURN_SECONDS = 0.5  # of one entrant in `take_turns`
_WINDOW = 5  # runs compared with the five before them to tell whether warm-up is over
_STEADY = 0.03  # a window's median that is not lower by more than this share has stopped falling
_WARM_UP_SECONDS = 0.15  # at most, for one entrant that has run once

Queries = Sequence[Callable[[], object]]
"""What an entrant is timed on: each does one query to the end. A single one is repeated until a slice is full."""


class TwoStages:
    """A query of two stages, such as text to tokens and tokens to an answer: its clock is also read between them.

    `halfway_ns`: what `perf_counter_ns` said then; `result`: of the second stage. Both of the last run.
    """

    def __init__(self, first: Callable[[], Any], second: Callable[[Any], Any]) -> None:
        self._first, self._second = first, second
        self.halfway_ns = 0
        self.result: Any = None

    def __call__(self) -> None:
        between = self._first()
        self.halfway_ns = perf_counter_ns()
        self.result = self._second(between)


@dataclass(frozen=True, slots=True)
class Interleaved:
    """`times`: query times in ms, by entrant, a list for each round; all entrants have the same rounds.

    `disturbance`: what ran beside them; None where the system does not say. `seconds`: that all rounds took.
    `first_stages`: the part of the times that the first stage took, of entrants whose queries have two.
    """

    times: Mapping[str, list[list[float]]]
    disturbance: Disturbance | None
    seconds: float
    first_stages: Mapping[str, list[list[float]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Warm:
    """An entrant that is warmed up: the queries of its part of a round, and the seconds that they take."""

    queries: Queries
    seconds: float


def warmed(queries: Queries) -> Warm:
    """All queries once; a single one as often as fills a slice."""
    seconds = warm_up(lambda: run_all(queries))
    if len(queries) > 1:
        return Warm(queries, seconds)
    repeats = max(1, min(_MOST_QUERIES, round(_SLICE_SECONDS / seconds)))
    return Warm([*queries] * repeats, repeats * seconds)


def interleave(
    entrants: Mapping[str, Queries | Warm], seconds: float, seed: int, least_rounds: int = LEAST_ROUNDS
) -> Interleaved:
    """Time all entrants in rounds, after warming up those that are not yet.

    Every round runs every entrant's queries, in a new random order; rounds are run until `seconds` are better filled
    without another, but at least `least_rounds` are made. The first query of a slice finds the caches full of another
    entrant: it is not timed where a slice holds several. Garbage collection is off meanwhile. Rounds that neighbours
    disturbed are left out where enough others were made in the time.
    """
    slices = {name: each if isinstance(each, Warm) else warmed(each) for name, each in entrants.items()}
    rounds: dict[str, list[list[_Time]]] = {name: [] for name in entrants}
    order, generator = list(entrants), random.Random(seed)
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        watch = neighbours.Watch()
        start, made = perf_counter(), 0
        while made < least_rounds or (perf_counter() - start) * (1 + 0.5 / made) < seconds:
            generator.shuffle(order)
            for name in order:
                rounds[name].append(_times(slices[name].queries))
            watch.round_ended()
            made += 1
        watch.close()
        spent = perf_counter() - start
    finally:
        if collecting:
            gc.enable()
    stay = watch.kept()
    kept = {name: list(compress(each, stay)) for name, each in rounds.items()}
    times = {name: [[time.ms for time in times] for times in each] for name, each in kept.items()}
    staged = {name: each for name, each in kept.items() if isinstance(slices[name].queries[0], TwoStages)}
    firsts = {name: [[time.first_ms for time in times] for times in each] for name, each in staged.items()}
    return Interleaved(times, watch.disturbance(), spent, firsts)


def take_turns(entrants: Mapping[str, Queries], seconds: float) -> dict[str, tuple[float, int]]:
    """Run every entrant for the same time, in turn without pause: each one's seconds and number of queries."""
    spent = dict.fromkeys(entrants, (0.0, 0))
    end = perf_counter() + seconds
    while perf_counter() < end:
        for name, queries in entrants.items():
            start, done = perf_counter(), 0
            while perf_counter() - start < _TURN_SECONDS:
                run_all(queries)
                done += len(queries)
            before = spent[name]
            spent[name] = (before[0] + perf_counter() - start, before[1] + done)
    return spent


def run_all(queries: Queries) -> None:
    """All queries, once."""
    for query in queries:
        query()


def warm_up(run: Callable[[], object]) -> float:
    """Run once, then until five runs are no longer faster than the five before them by 3 %, or 0.15 s have passed.

    A run that takes longer than that alone is all: of the shipped engines the second run is steady, within 2 %.
    Returns the last window's fastest run in seconds.
    """
    first = _seconds_of(run)
    if first >= _WARM_UP_SECONDS:
        return first
    times: list[float] = []
    end = perf_counter() + _WARM_UP_SECONDS
    while not times or (perf_counter() < end and not _steady(times)):
        times.append(_seconds_of(run))
    return min(times[-_WINDOW:])


def _seconds_of(run: Callable[[], object]) -> float:
    start = perf_counter()
    run()
    return perf_counter() - start


def _steady(times: Sequence[float]) -> bool:
    if len(times) < 2 * _WINDOW:
        return False
    return median(times[-_WINDOW:]) > (1 - _STEADY) * median(times[-2 * _WINDOW : -_WINDOW])


@dataclass(frozen=True, slots=True)
class _Time:
    """Of one query, and of its first stage: 0 where it has one alone."""

    ms: float
    first_ms: float


def _times(queries: Queries) -> list[_Time]:
    if len(queries) > 1:
        queries[0]()
    times = []
    for query in queries:
        start = perf_counter_ns()
        query()
        end = perf_counter_ns()
        halfway = query.halfway_ns if isinstance(query, TwoStages) else start
        times.append(_Time((end - start) / 1e6, (halfway - start) / 1e6))
    return times
