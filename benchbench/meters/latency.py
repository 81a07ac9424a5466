"""Timing several contestants in turn, round after round, so that what drifts hits all of them alike."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter, perf_counter_ns
from typing import Generic, TypeVar

_SLICE_SECONDS = 0.05  # a contestant's share of a round: long enough that the switch does not matter
_MOST_QUERIES = 50  # in one slice
_TURN_SECONDS = 0.5  # of one contestant in `take_turns`
_WINDOW = 5  # runs compared with the five before them to tell whether warm-up is over
_STEADY = 0.03  # a window's median that is not lower by more than this share has stopped falling
_WARM_UP_SECONDS = 1.0  # at most, for one contestant

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Contestant(Generic[Key]):
    """Something to time, under a key.

    `queries`: each does one query to the end. A slice of a round runs all of them in their order; a single one is
    repeated until the slice is full.
    """

    key: Key
    queries: tuple[Callable[[], object], ...]

    def run(self) -> None:
        """All queries, once."""
        for query in self.queries:
            query()


def interleave(contestants: Sequence[Contestant[Key]], seconds: float, seed: int) -> dict[Key, list[list[float]]]:
    """Query times in ms, by contestant, a list for each round.

    Every round runs every contestant, in an order drawn anew; rounds go on until `seconds` have passed, but at least
    two are made. The first query of a slice finds the caches full of another contestant: it is not timed where a slice
    holds several. Garbage collection is off meanwhile.
    """
    slices = {c.key: c.queries * _repeats(warm_up(c.run), len(c.queries)) for c in contestants}
    rounds: dict[Key, list[list[float]]] = {c.key: [] for c in contestants}
    order, generator = list(contestants), random.Random(seed)
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        end = perf_counter() + seconds
        while len(rounds[order[0].key]) < 2 or perf_counter() < end:
            generator.shuffle(order)
            for contestant in order:
                rounds[contestant.key].append(_slice(slices[contestant.key]))
    finally:
        if collecting:
            gc.enable()
    return rounds


def take_turns(contestants: Sequence[Contestant[Key]], seconds: float) -> dict[Key, tuple[float, int]]:
    """Run every contestant for the same time, in turn without pause: each one's seconds and number of queries."""
    spent = {c.key: (0.0, 0) for c in contestants}
    end = perf_counter() + seconds
    while perf_counter() < end:
        for contestant in contestants:
            start, queries = perf_counter(), 0
            while perf_counter() - start < _TURN_SECONDS:
                contestant.run()
                queries += len(contestant.queries)
            before = spent[contestant.key]
            spent[contestant.key] = (before[0] + perf_counter() - start, before[1] + queries)
    return spent


def warm_up(run: Callable[[], object]) -> float:
    """Run until five runs are no longer faster than the five before them by 3 %, or 1 s has passed.

    Returns the last window's fastest run in seconds.
    """
    times: list[float] = []
    end = perf_counter() + _WARM_UP_SECONDS
    while not times or (perf_counter() < end and not _steady(times)):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return min(times[-_WINDOW:])


def _steady(times: Sequence[float]) -> bool:
    if len(times) < 2 * _WINDOW:
        return False
    return median(times[-_WINDOW:]) > (1 - _STEADY) * median(times[-2 * _WINDOW : -_WINDOW])


def _repeats(seconds: float, queries: int) -> int:
    return 1 if queries > 1 else max(1, min(_MOST_QUERIES, round(_SLICE_SECONDS / seconds)))


def _slice(queries: Sequence[Callable[[], object]]) -> list[float]:
    if len(queries) > 1:
        queries[0]()
    times = []
    for query in queries:
        start = perf_counter_ns()
        query()
        times.append((perf_counter_ns() - start) / 1e6)
    return times
