"""What a grammar draws."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """One text, or a pair, with its label: a class number, or a score for a regression."""

    texts: tuple[str, ...]
    label: int | float


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long the texts of a data set are, in words."""

    mean: float
    deviation: float
    shortest: int
    longest: int


def skewed_length(rng: random.Random, lengths: Lengths) -> int:
    """A number of words, log-normal with the mean and deviation before clipping: text lengths lean to the right."""
    variance = math.log(1 + (lengths.deviation / lengths.mean) ** 2)
    length = rng.lognormvariate(math.log(lengths.mean) - variance / 2, math.sqrt(variance))
    return min(max(round(length), lengths.shortest), lengths.longest)


def word_count(text: str) -> int:
    return len(text.split())
