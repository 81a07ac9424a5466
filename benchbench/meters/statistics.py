"""Intervals for timings: rounds within processes, paired where two contestants are compared.

Timings from one process are not independent of one another (clock state, memory layout), so the process is the unit
of replication (Kalibera & Jones 2013, "Rigorous benchmarking in reasonable time").
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from statistics import median as middle
from typing import Any

import numpy
from scipy import special

from benchbench.records import Interval

CONFIDENCE = 0.95
DECIDING = 0.97
"""Of an interval that decides whether to go on measuring: one that is looked at again and again."""
_BLOCKS = 8  # contiguous blocks a process's rounds are cut into, so that slow drift counts as variance
_BLOCK_RESAMPLES = 200
_MOST_FACTOR = 10.0
_UNKNOWN = (0.0, math.inf)  # the ends of an interval of times that is not known

Statistic = Callable[..., Any]
"""`numpy.mean` or `numpy.median`."""

Rounds = Sequence[Sequence[float]]
"""One process: the query times (ms) of each round."""


def mean(processes: Sequence[Rounds]) -> Interval:
    """The mean query time, from the mean of each round. The interval lies above 0: its ends are equal factors away."""
    found = _interval([[float(numpy.mean(r)) for r in process] for process in processes], numpy.mean)
    return _within_a_factor(found.value, (found.high - found.value) / found.value)


def median(processes: Sequence[Rounds], confidence: float = CONFIDENCE) -> Interval:
    """The median query time of a process, as the geometric mean of several: Student's interval over them."""
    logs = [[math.log(middle(r)) for r in process] for process in processes]
    return _in_logs(_interval(logs, numpy.median, confidence))


def ratio(baseline: Sequence[Rounds], candidate: Sequence[Rounds], confidence: float = CONFIDENCE) -> Interval:
    """How many times faster `candidate` is than `baseline`: the ratio of their times, paired round by round.

    Both were measured in the same rounds of the same processes; what drifts with the machine cancels within a round.
    A process's ratio is the median of its rounds: a neighbour on the same hardware slows one model more than the
    other while it is busy, and a mean would be drawn towards that.
    """
    logs = [
        [math.log(middle(b) / middle(c)) for b, c in zip(b_rounds, c_rounds, strict=True)]
        for b_rounds, c_rounds in zip(baseline, candidate, strict=True)
    ]
    return _in_logs(_interval(logs, numpy.median, confidence))


def decided(interval_at: Callable[[float], Interval], half_width: float) -> Interval:
    """The interval at `DECIDING` where that is within ± `half_width`, else the one at `CONFIDENCE`.

    For what was measured until it was so narrow.
    """
    strict = interval_at(DECIDING)
    return strict if strict.half_width <= half_width else interval_at(CONFIDENCE)


def known(interval: Interval) -> bool:
    """Whether there is an interval to tell: too few rounds or processes have none."""
    return math.isfinite(interval.high)


def _in_logs(found: Interval) -> Interval:
    return _within_a_factor(math.exp(found.value), found.high - found.value)


def _within_a_factor(value: float, log_reach: float) -> Interval:
    """From `value` an equal factor either way; one of more than ten says nothing that should be printed."""
    if log_reach > math.log(_MOST_FACTOR):
        return Interval(value, *_UNKNOWN)
    factor = math.exp(log_reach)
    return Interval(value, value / factor, value * factor)


def _interval(processes: Sequence[Sequence[float]], statistic: Statistic, confidence: float = CONFIDENCE) -> Interval:
    """Student's interval for the mean over processes of `statistic` of one value a round.

    Its error within a process is that of blocks of neighbouring rounds, so that slow drift counts as variance. Where
    processes differ by more than that explains (more than the median of F), the spread between processes alone
    decides, on as many degrees of freedom as there are processes less one; else all blocks are pooled.
    """
    centers = numpy.array([float(statistic(process)) for process in processes])
    center, count = float(centers.mean()), len(processes)
    freedom_within = sum(min(_BLOCKS, len(process)) - 1 for process in processes)
    if freedom_within == 0 and count == 1:
        return Interval(center, -math.inf, math.inf)
    within = float(numpy.mean([_variance(tuple(process), statistic) for process in processes]))
    between = float(centers.var(ddof=1)) if count > 1 else 0.0
    differ = count > 1 and (within == 0 or between / within > special.fdtri(count - 1, max(1, freedom_within), 0.5))
    if differ:
        variance, freedom = between / count, count - 1
    else:
        variance, freedom = within / count, max(1, freedom_within)
    reach = float(special.stdtrit(freedom, 0.5 + confidence / 2)) * math.sqrt(variance)
    return Interval(center, center - reach, center + reach)


@lru_cache(maxsize=4096)  # a race looks again after each process
def _variance(values: tuple[float, ...], statistic: Statistic) -> float:
    """Of `statistic`, by a bootstrap of blocks (Künsch 1989), which are drawn with replacement."""
    count = min(_BLOCKS, len(values))
    if count < 2:
        return 0.0
    length = len(values) // count
    blocks = numpy.asarray(values)[len(values) - count * length :].reshape(count, length)
    drawn = numpy.random.default_rng(0).integers(0, count, (_BLOCK_RESAMPLES, count))
    estimates = statistic(blocks[drawn].reshape(_BLOCK_RESAMPLES, count * length), axis=1)
    return float(estimates.var()) * count / (count - 1)
