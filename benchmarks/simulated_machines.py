"""Machines that drift, simulated: how often does an interval of a ratio or a percentile cover the true one?

Two designs are compared on the same machines: rounds in which both contestants run in turn, in several processes; and
the loop that most scripts have, first all of one, then all of the other. Percentiles are of one contestant.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy
from numpy.random import Generator
from scipy import stats

from benchbench.meters import statistics
from benchbench.meters.percentiles import percentile
from benchbench.records import Interval

TRUE_RATIO = 1.5
PROCESSES, ROUNDS = 5, 40
TAIL_ROUNDS, TAIL_QUERIES = 100, 3  # in each of as many processes, a round being a slice of 50 ms
_NOISE = 0.03  # of a query, log-normal
_MANY = 2000  # processes that tell a true percentile
_LAYOUT = 0.01  # between processes, of each contestant: where its memory happens to lie

Drift = Callable[[Generator], Callable[[numpy.ndarray], numpy.ndarray]]
"""Draws a machine: how many times slower than at its best it is, as a function of time (0 to 1 is a process's life)."""


def _linear(generator: Generator) -> Callable[[numpy.ndarray], numpy.ndarray]:
    slope = generator.uniform(-0.3, 0.3)
    return lambda t: 1.3 + slope * t


def _periodic(generator: Generator) -> Callable[[numpy.ndarray], numpy.ndarray]:
    phase, period = generator.uniform(0, 2 * math.pi), generator.uniform(0.2, 1.5)
    return lambda t: 1.2 + 0.15 * numpy.sin(2 * math.pi * t / period + phase)


def _spikes(generator: Generator) -> Callable[[numpy.ndarray], numpy.ndarray]:
    return lambda t: numpy.where(generator.random(t.shape) < 0.04, generator.uniform(2, 5, t.shape), 1.0)


def _bimodal(generator: Generator) -> Callable[[numpy.ndarray], numpy.ndarray]:
    switches = numpy.cumsum(generator.exponential(0.3, 100))
    first = generator.integers(2)
    return lambda t: numpy.where((numpy.searchsorted(switches, t) + first) % 2, 1.25, 1.0)


def _bursts(generator: Generator) -> Callable[[numpy.ndarray], numpy.ndarray]:
    """A neighbour that takes a part of the processor for 5 % of the time, three of a hundred rounds at once."""
    lengths = generator.exponential((0.57, 0.03), (100, 2)).ravel()
    switches, size = numpy.cumsum(lengths) - generator.uniform(0, 1), generator.uniform(1.5, 2.5)
    return lambda t: numpy.where(numpy.searchsorted(switches, t) % 2, size, 1.0)


DRIFTS: Mapping[str, Drift] = {
    "linear drift": _linear,
    "periodic noise": _periodic,
    "spikes": _spikes,
    "bimodal clock": _bimodal,
    "bursts": _bursts,
}


@dataclass(frozen=True, slots=True)
class TailCoverage:
    """Of how many trials, as shares, the upper and the lower bound hold, and how many have a percentile at all.

    Without one there is no bound, which is not wrong.
    """

    upper: float
    lower: float
    given: float


def in_turn(drift: Drift, generator: Generator) -> Interval:
    """The suite's design: both contestants in every round, in random order, in several processes."""
    baseline, candidate = [], []
    for _ in range(PROCESSES):
        slowness, layouts = drift(generator), generator.lognormal(0, _LAYOUT, 2)
        first = generator.integers(2, size=ROUNDS)  # who runs first in each round
        positions = numpy.stack([first, 1 - first])  # (contestant, round)
        times = _queries(slowness((numpy.arange(ROUNDS) + positions / 2) / ROUNDS) * layouts[:, None], generator)
        baseline.append([[float(time)] for time in times[0]])
        candidate.append([[float(time)] for time in times[1]])
    return statistics.ratio(baseline, candidate)


def one_after_the_other(drift: Drift, generator: Generator) -> Interval:
    """The usual loop: as many queries in one process, all of the baseline first; Welch's interval of the difference."""
    slowness, layouts = drift(generator), generator.lognormal(0, _LAYOUT, 2)
    count = PROCESSES * ROUNDS
    moments = numpy.arange(2 * count).reshape(2, count) / (2 * count)
    logs = numpy.log(_queries(slowness(moments) * layouts[:, None], generator))
    found = stats.ttest_ind(*logs, equal_var=False).confidence_interval(statistics.CONFIDENCE)
    center = float(logs[0].mean() - logs[1].mean())
    return Interval(math.exp(center), math.exp(found.low), math.exp(found.high))


def coverage(design: Callable[[Drift, Generator], Interval], drift: Drift, trials: int, seed: int = 0) -> float:
    """The share of `trials` whose interval holds the true ratio."""
    generator = numpy.random.default_rng(seed)
    intervals = (design(drift, generator) for _ in range(trials))
    return sum(i.low <= TRUE_RATIO <= i.high for i in intervals) / trials


def tail_coverage(drift: Drift, q: float, trials: int, seed: int = 0) -> TailCoverage:
    """How the bounds of the `q`-th percentile do in `trials`."""
    generator = numpy.random.default_rng(seed)
    true = float(numpy.percentile([_process(drift, generator) for _ in range(_MANY)], q))
    found = [percentile([_process(drift, generator).tolist() for _ in range(PROCESSES)], q) for _ in range(trials)]
    given = [interval for interval in found if isinstance(interval, Interval)]
    below, above = (sum(side) for side in zip(*((i.high < true, true < i.low) for i in given), strict=True))
    return TailCoverage(1 - below / trials, 1 - above / trials, len(given) / trials)


def _process(drift: Drift, generator: Generator) -> numpy.ndarray:
    """The query times of one contestant in a process, (round, query)."""
    moments = numpy.linspace(0, 1, TAIL_ROUNDS * TAIL_QUERIES).reshape(TAIL_ROUNDS, TAIL_QUERIES)
    noise = generator.lognormal(0, _NOISE, moments.shape) * generator.lognormal(0, _LAYOUT)
    return numpy.asarray(50 / TAIL_QUERIES * drift(generator)(moments) * noise)


def _queries(slowness: numpy.ndarray, generator: Generator) -> numpy.ndarray:
    """Milliseconds of each query, (contestant, query); contestant 0 is the baseline."""
    return numpy.array([[TRUE_RATIO], [1.0]]) * slowness * generator.lognormal(0, _NOISE, slowness.shape)
