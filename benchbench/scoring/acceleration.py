"""A bootstrap corrected for bias and skewness: the BCa interval.

Where few answers differ, a difference is skewed: with few losses by chance it looks both small and well known. Plain
percentiles then miss twice as often on that side, which is the one that a claim of 'no worse' rests on.
"""

from __future__ import annotations

import numpy
from scipy.special import ndtr, ndtri

_ROUNDING = 1e-12  # draws that differ by so much are equal
_LEAST = 0.1  # of the correction's denominator, which is near 1 but for a handful of examples


def accelerated(moves: numpy.ndarray, without: numpy.ndarray) -> numpy.ndarray:
    """Draws whose percentiles are the ends of BCa intervals (Efron 1987, "Better bootstrap confidence intervals").

    `moves`: how far a statistic lies from its centre on each resample, (resamples,). `without`: the statistic without
    each of some groups of the examples, by which its acceleration is known (Efron & Tibshirani 1993, chapter 14).
    """
    below = (moves < -_ROUNDING).mean() + (abs(moves) <= _ROUNDING).mean() / 2
    if moves.std() <= _ROUNDING or below in (0.0, 1.0):
        return moves
    bias = ndtri(below)
    influence = without.mean() - without
    spread = (influence**2).sum()
    acceleration = (influence**3).sum() / (6 * spread**1.5) if spread > 0 else 0.0
    shifted = bias + ndtri((numpy.arange(len(moves)) + 0.5) / len(moves))
    levels = ndtr(bias + shifted / numpy.maximum(1 - acceleration * shifted, _LEAST))
    corrected: numpy.ndarray = numpy.quantile(moves, levels)
    return corrected
