"""Two systems whose true scores are known: their errors are correlated, and each training has its own quality.

A classifier's answer is yes where `strength` times the truth (1 or -1) plus a standard normal noise exceeds
`threshold`; a regression's is the truth plus noise. The noise has a part that all runs share (hard examples), one of
the system and one of the run. `wobble`: how far the strength of one training lies from the system's. `churn`: the run's
share of the noise's variance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
from scipy.stats import norm

from benchbench.records import Marking
from benchbench.scoring.answers import Answers

CLASSES = Marking("classification", ("accuracy", "f1", "matthews_correlation"), ("no", "yes"))
NUMBERS = Marking("regression", ("pearson", "spearman"))

POSITIVE = 0.4  # the share of yes
OWN = 0.1  # the system's share of the noise's variance


@dataclass(frozen=True)
class System:
    strength: float
    threshold: float = 0.0
    wobble: float = 0.0
    churn: float = 0.05


@dataclass(frozen=True)
class Trained:
    """Runs of a system on the same examples, and the score that each would have on all examples there could be."""

    runs: list[Answers]
    true_scores: list[float]


def answered(
    metric: str, systems: Sequence[System], examples: int, seeds: int, rng: numpy.random.Generator
) -> list[Trained]:
    """Each of `systems` trained `seeds` times, answering the same examples."""
    shared = rng.normal(size=examples)
    numbers = metric in NUMBERS.metrics
    truth = rng.normal(size=examples) if numbers else (rng.random(examples) < POSITIVE).astype(int)
    found = []
    for system in systems:
        own = rng.normal(size=examples)
        strengths = system.strength + system.wobble * rng.normal(size=seeds)
        runs = []
        for strength in strengths:
            run = rng.normal(size=examples)
            noise = (1 - OWN - system.churn) ** 0.5 * shared + OWN**0.5 * own + system.churn**0.5 * run
            given = strength * truth + noise if numbers else _yes(strength, truth, noise, system)
            runs.append(Answers(truth.tolist(), given.tolist()))
        found.append(Trained(runs, [float(true_score(metric, s, system.threshold)) for s in strengths]))
    return found


def expected(metric: str, system: System) -> float:
    """The true score of `system`, the mean over all trainings that there could be."""
    quantiles = norm.ppf((numpy.arange(2001) + 0.5) / 2001)
    return float(numpy.mean(true_score(metric, system.strength + system.wobble * quantiles, system.threshold)))


def true_score(metric: str, strength: numpy.ndarray, threshold: float) -> numpy.ndarray:
    """Of a trained model, on all examples that there could be."""
    if metric == "pearson":
        return strength / numpy.sqrt(1 + strength**2)
    hits, false = POSITIVE * norm.cdf(strength - threshold), (1 - POSITIVE) * norm.cdf(-strength - threshold)
    misses, right_no = POSITIVE - hits, 1 - POSITIVE - false
    if metric == "accuracy":
        return hits + right_no
    if metric == "f1":
        return 2 * hits / (2 * hits + misses + false)
    spread = POSITIVE * (1 - POSITIVE) * (hits + false) * (misses + right_no)
    return (hits * right_no - misses * false) / numpy.sqrt(spread)


def _yes(strength: float, truth: numpy.ndarray, noise: numpy.ndarray, system: System) -> numpy.ndarray:
    return (strength * (2 * truth - 1) + noise > system.threshold).astype(int)
