"""Percentiles of query times between order statistics: no assumption about how times are distributed, none without
enough queries, and fewer queries counted where they depend on one another.

Of n independent queries the largest is above the q-th percentile unless all are below it, which happens with
probability q^n: a 99th percentile has an upper bound at 95 % from 299 queries on, a 90th from 29 (David & Nagaraja
2003, "Order Statistics", section 7.1; MLPerf's early stopping is the same bound). That the percentile is at most x and
that at least a share q of the queries takes at most x are one statement, and the order statistics are the exact
binomial bounds (Clopper & Pearson 1934) of that share: a claim 'within x ms in 99 of 100 cases' is decided by them.

Queries of one process, or of one burst of a neighbour, are no independent ones. So the share of queries below the
percentile is looked at over processes and over blocks of rounds, as a survey's over its clusters (Woodruff 1952,
"Confidence intervals for medians and other position measures"), and n is the effective number for which its variance
would be binomial, with the correction for how well that variance is known (Korn & Graubard 1998, "Confidence intervals
for proportions with small expected number of positive counts estimated from survey data").
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy
from scipy import special

from benchbench.errors import Missing
from benchbench.meters.statistics import Rounds
from benchbench.records import BUT_HAS, Interval

_ERROR = 0.05  # of one end of the interval
_BLOCKS = 8  # of neighbouring rounds in a process
_APART_MS = 50.0  # queries nearer to one another can all be in one burst


def percentile(
    processes: Sequence[Rounds], q: float, texts: int | None = None, seconds: float | None = None
) -> Interval | Missing:
    """The `q`-th percentile of all query times, in ms: a tail's. For the median see `statistics.median`.

    The ends of its interval are one-sided 95 % bounds; where there is no upper one, the percentile is missing, and the
    reason says how many queries it takes. `texts`: of how many different ones the queries are, again and again; None
    where all are alike. A tail of texts is known no better for asking the same ones twice.
    """
    times = numpy.sort(numpy.concatenate([numpy.asarray(r) for process in processes for r in process]))
    value, share = float(numpy.percentile(times, q)), q / 100
    counted = _effective(processes, float(times[math.ceil(share * len(times)) - 1]), share)
    moments = _moments(processes) if seconds is None else 1000 * seconds / _APART_MS
    counted = min(counted, moments, texts or math.inf)
    low, high = _bounds(times, share, counted)
    return Interval(value, low, high) if math.isfinite(high) else Missing(_too_few(share, len(times), counted))


def least_queries(share: float) -> int:
    """How many independent queries the percentile with `share` of them below it takes at least."""
    return math.ceil(math.log(_ERROR) / math.log(share))


def _too_few(share: float, queries: int, counted: float) -> str:
    least = least_queries(share)
    dependent = f" that count as {math.floor(counted)}" if queries >= least else ""
    return f"needs {least}{BUT_HAS}{queries}{dependent}"


def _bounds(times: numpy.ndarray, share: float, counted: float) -> tuple[float, float]:
    """The largest of the sorted `times` that is below the percentile and the smallest that is above it, each at 95 %;
    0 and infinity where there is none. `counted`: how many independent ones they are worth.
    """
    parts = numpy.arange(1, len(times) + 1) / len(times)
    before = parts - 1 / len(times)
    above = special.betainc(counted * parts, counted * (1 - parts) + 1, share) <= _ERROR
    below = special.betainc(counted * before + 1, counted * (1 - before), share) >= 1 - _ERROR
    low = float(times[below][-1]) if below.any() else 0.0
    return low, float(times[above][0]) if above.any() else math.inf


def _effective(processes: Sequence[Rounds], limit: float, share: float) -> float:
    """How many independent queries would tell the share of those below `limit` as well as these do.

    Where processes differ by more than their rounds explain, the spread between processes alone decides, as in
    `statistics`.
    """
    blocks = [_blocks(process, limit) for process in processes]
    queries = sum(count for process in blocks for count, _ in process)
    found = sum(hits for process in blocks for _, hits in process) / queries
    excess = [[hits - found * count for count, hits in process] for process in blocks]
    freedom_within = sum(len(process) - 1 for process in excess)
    if freedom_within == 0 and len(excess) == 1:
        return 1.0
    within = float(numpy.mean([len(process) * _variance(process) for process in excess]))
    between = _variance([sum(process) for process in excess])
    variance, freedom = within, freedom_within
    if len(excess) > 1 and between > within * special.fdtri(len(excess) - 1, max(1, freedom_within), 0.5):
        variance, freedom = between, len(excess) - 1
    binomial = queries * found * (1 - found)
    if variance * len(excess) <= binomial or binomial == 0:
        return float(queries)
    known = special.stdtrit([queries - 1, freedom], 1 - _ERROR)
    return float(queries * binomial / (variance * len(excess)) * (known[0] / known[1]) ** 2)


def _blocks(process: Rounds, limit: float) -> list[tuple[int, int]]:
    """Queries, and how many of them take less than `limit`, in each block of neighbouring rounds."""
    parts = numpy.array_split(numpy.arange(len(process)), min(_BLOCKS, len(process)))
    counted = [(len(r), sum(time < limit for time in r)) for r in process]
    return [(sum(counted[i][0] for i in part), sum(counted[i][1] for i in part)) for part in parts]


def _variance(values: Sequence[float]) -> float:
    return float(numpy.var(values, ddof=1)) if len(values) > 1 else 0.0


def _moments(processes: Sequence[Rounds]) -> float:
    """How many moments were looked at: a rare burst takes a whole slice, and slices without one do not show that.

    A round is one, and so are 50 ms within a long round.
    """
    return float(sum(max(1.0, math.fsum(r) / _APART_MS) for process in processes for r in process))
