"""Timing several contestants in turn, round after round, so that what drifts hits all of them alike."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter, perf_counter_ns

_SLICE_SECONDS = 0.05  # a contestant's share of a round: long enough that the switch does not matter
_MOST_QUERIES = 50  # in one slice
_WINDOW = 5  # queries compared with the five before them to tell whether warm-up is over
_STEADY = 0.03  # relative difference of two windows that counts as none
_WARM_UP_SECONDS = 3.0  # at most, for one contestant


@dataclass(frozen=True, slots=True)
class Contestant:
    """Something to time. `run` does one query to the end."""

    name: str
    run: Callable[[], object]


def interleave(contestants: Sequence[Contestant], seconds: float, seed: int) -> Mapping[str, list[list[float]]]:
    """Query times in ms, by contestant, a list for each round.

    Every round runs every contestant, in an order drawn anew; rounds go on until `seconds` have passed, but at least
    two are made. The first query of a slice finds the caches full of another contestant: it is not timed where a slice
    holds several. Garbage collection is off meanwhile.
    """
    queries = {c.name: _queries(warm_up(c)) for c in contestants}
    rounds: dict[str, list[list[float]]] = {c.name: [] for c in contestants}
    order, generator = list(contestants), random.Random(seed)
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        end = perf_counter() + seconds
        while len(rounds[order[0].name]) < 2 or perf_counter() < end:
            generator.shuffle(order)
            for contestant in order:
                rounds[contestant.name].append(_slice(contestant.run, queries[contestant.name]))
    finally:
        if collecting:
            gc.enable()
    return rounds


def warm_up(contestant: Contestant) -> float:
    """Run until two successive windows of five queries have medians within 3 %, or 3 s have passed.

    Returns the last window's fastest query in seconds.
    """
    times: list[float] = []
    end = perf_counter() + _WARM_UP_SECONDS
    while perf_counter() < end and not _steady(times):
        start = perf_counter()
        contestant.run()
        times.append(perf_counter() - start)
    return min(times[-_WINDOW:])


def _steady(times: Sequence[float]) -> bool:
    if len(times) < 2 * _WINDOW:
        return False
    before, now = sorted(times[-2 * _WINDOW : -_WINDOW]), sorted(times[-_WINDOW:])
    return abs(now[_WINDOW // 2] / before[_WINDOW // 2] - 1) < _STEADY


def _queries(seconds: float) -> int:
    return max(1, min(_MOST_QUERIES, round(_SLICE_SECONDS / seconds)))


def _slice(run: Callable[[], object], queries: int) -> list[float]:
    if queries > 1:
        run()
    times = []
    for _ in range(queries):
        start = perf_counter_ns()
        run()
        times.append((perf_counter_ns() - start) / 1e6)
    return times
