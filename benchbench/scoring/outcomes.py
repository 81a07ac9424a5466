"""What was got right, and each metric's interval from a bootstrap over the evaluation examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy

from benchbench.records import Interval

PERCENTILES = (2.5, 97.5)
"""The ends of a 95 % interval among its draws."""

Drawn = Callable[[numpy.ndarray], float]
"""A metric's value on the evaluation examples with these numbers; random numbers resample the examples."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What a model got right on `examples` evaluation examples, ready to be summed up by each of its `metrics`.

    `one_answer`: it gives the same answer to every example, as models do whose training did not converge.
    """

    examples: int
    metrics: Mapping[str, Drawn]
    one_answer: bool = False

    def scores(self) -> dict[str, float]:
        """Each metric on all examples, between -1 and 1."""
        return {name: metric(numpy.arange(self.examples)) for name, metric in self.metrics.items()}


def with_intervals(outcomes: Outcomes, resamples: int = 1000, seed: int = 0) -> dict[str, Interval]:
    """Each metric with a 95 % percentile-bootstrap interval (Efron 1979): `resamples` draws with replacement."""
    rng = numpy.random.default_rng(seed)
    draws = [rng.integers(0, outcomes.examples, size=outcomes.examples) for _ in range(resamples)]
    scored = {}
    for name, value in outcomes.scores().items():
        low, high = numpy.percentile([outcomes.metrics[name](draw) for draw in draws], PERCENTILES)
        # A percentile interval of a biased statistic may miss the value itself; readers expect that it does not.
        scored[name] = Interval(value, min(float(low), value), max(float(high), value))
    return scored
