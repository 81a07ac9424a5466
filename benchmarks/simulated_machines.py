"""Machines that drift, simulated: how often does an interval of a ratio or a percentile cover the true one?

Two designs are compared on the same machines: rounds in which both contestants run in turn, in several processes; and
the loop that most scripts have, first all of one, then all of the other. Percentiles are of one contestant.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy
from numpy.random import Generator
from scipy import stats

from benchbench.meters import statistics
from benchbench.meters.latency import Interleaved
from benchbench.meters.percentiles import percentile
from benchbench.meters.statistics import Rounds
from benchbench.records import Interval
from benchbench.studies.workers.allocation import Allocation, comparisons
from benchbench.studies.workers.race_result import RaceResult
from benchbench.studies.workers.race_worker import Timing
from benchbench.targets.shape import Shape

TRUE_RATIO = 1.5
PROCESSES, ROUNDS = 5, 40
TAIL_ROUNDS, TAIL_QUERIES = 100, 3  # in each of as many processes, a round being a slice of 50 ms
_NOISE = 0.03  # of a query, log-normal
_MANY = 2000  # processes that tell a true percentile
_LAYOUT = 0.01  # between processes, of each contestant: where its memory happens to lie

CONTESTANTS = ("baseline", "candidate")
SHAPE = Shape(1, 128)
_ROUND_SECONDS = 1.0
MOST_PROCESSES = 10

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
        slow, fast = _in_rounds(drift, generator, ROUNDS)
        baseline.append(slow)
        candidate.append(fast)
    return statistics.ratio(baseline, candidate)


def allocated(
    drift: Drift,
    generator: Generator,
    half_width: float,
    processes: int = MOST_PROCESSES,
    true_ratio: float = TRUE_RATIO,
) -> RaceResult:
    """A race that ends as soon as the ratio and both medians are decided: both contestants in turn, as above."""
    allocation = Allocation(processes, PROCESSES * ROUNDS * _ROUND_SECONDS, half_width)
    wanted = comparisons([SHAPE], CONTESTANTS, CONTESTANTS)
    result = RaceResult((), decided_within=allocation.half_width if allocation.decides else 0.0)
    while plan := allocation.next_process(
        result.half_widths(wanted), result.processes, result.seconds, result.round_seconds
    ):
        count = max(plan.least_rounds, round(plan.seconds / _ROUND_SECONDS))
        times = _in_rounds(drift, generator, count, true_ratio)
        ran = {name: times[CONTESTANTS.index(name)] for name in plan.shares[0].entrants}
        timing = Timing(SHAPE, Interleaved(ran, None, count * _ROUND_SECONDS))
        result = replace(result, timings=(*result.timings, timing), processes=result.processes + 1)
    return result


@dataclass(frozen=True, slots=True)
class AllocatedCoverage:
    """Shares of the races: whose interval of the ratio, and of a median, holds the true one; that ended early.

    `half_width`: the median one of a ratio.
    """

    ratio: float
    medians: float
    early: float
    half_width: float


def allocated_coverage(
    drift: Drift, half_width: float, trials: int, seed: int = 0, processes: int = MOST_PROCESSES
) -> AllocatedCoverage:
    """Of races that end when they are decided."""
    generator = numpy.random.default_rng(seed)
    races = [allocated(drift, generator, half_width, processes) for _ in range(trials)]
    ratios = [race.ratio(*CONTESTANTS, SHAPE) for race in races]
    true = dict(zip(CONTESTANTS, typical_medians(drift, numpy.random.default_rng(seed + 1)), strict=True))
    medians = [(race.median(name, SHAPE), true[name]) for race in races for name in CONTESTANTS]
    return AllocatedCoverage(
        ratio=sum(i.low <= TRUE_RATIO <= i.high for i in ratios) / trials,
        medians=sum(i.low <= truth <= i.high for i, truth in medians) / len(medians),
        early=sum(race.processes < processes for race in races) / trials,
        half_width=median(i.half_width for i in ratios),
    )


def typical_medians(drift: Drift, generator: Generator) -> Sequence[float]:
    """The true ones, of each contestant: of a process's median the geometric mean."""
    logs = [
        [math.log(median(map(median, rounds))) for rounds in _in_rounds(drift, generator, 25)] for _ in range(_MANY)
    ]
    return [math.exp(mean) for mean in numpy.mean(logs, axis=0)]


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


def _in_rounds(drift: Drift, generator: Generator, rounds: int, true_ratio: float = TRUE_RATIO) -> Sequence[Rounds]:
    """Of one process: the rounds of each contestant."""
    slowness, layouts = drift(generator), generator.lognormal(0, _LAYOUT, 2)
    first = generator.integers(2, size=rounds)  # who runs first in each round
    positions = numpy.stack([first, 1 - first])  # (contestant, round)
    at = (numpy.arange(rounds) + positions / 2) / rounds
    times = _queries(slowness(at) * layouts[:, None], generator, true_ratio)
    return [[[float(time)] for time in each] for each in times]


def _queries(slowness: numpy.ndarray, generator: Generator, true_ratio: float = TRUE_RATIO) -> numpy.ndarray:
    """Milliseconds of each query, (contestant, query); contestant 0 is the baseline."""
    return numpy.array([[true_ratio], [1.0]]) * slowness * generator.lognormal(0, _NOISE, slowness.shape)
