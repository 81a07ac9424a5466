"""Whether two sets of answers to the same examples differ by more than chance: two tests that assume little."""

from __future__ import annotations

import numpy
from scipy.special import bdtr

from benchbench.records import Marking
from benchbench.scoring.answers import Answers, same_examples
from benchbench.scoring.tallies import tally

_BLOCK = 2_000_000  # answers that are swapped or not at a time
_ROUNDING = 1e-12  # differences that are equal may differ by so much


def mcnemar(baseline: Answers, candidate: Answers) -> float:
    """McNemar's exact test of two accuracies: the two-sided p-value of no difference.

    Of the examples that only one of the two answers rightly, each has half of them but for chance (McNemar 1947;
    recommended for two classifiers that were trained once by Dietterich 1998, "Approximate statistical tests for
    comparing supervised classification learning algorithms"). For answers that are right where they equal the truth.
    """
    examples = same_examples([baseline], [candidate])
    right = [numpy.array([run.given[at] == run.truth[at] for at in range(examples)]) for run in (baseline, candidate)]
    lost, won = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    return min(1.0, 2 * float(bdtr(min(won, lost), won + lost, 0.5)))


def permutation(
    marking: Marking, metric: str, a: Answers, b: Answers, *, resamples: int = 1000, seed: int = 0
) -> float:
    """The two-sided p-value of no difference in `metric`, for any metric: how often a difference as large comes about
    where the two answers to each example are swapped or not, at random.

    Approximate randomization (Noreen 1989; Riezler & Maxwell 2005, "On some pitfalls in automatic evaluation and
    significance testing for MT", prefer it to a bootstrap's p-value, which rejects too often). Never 0: what was seen
    is one of the ways to swap.
    """
    examples = same_examples([a], [b])
    both = tally(marking, metric, Answers([*a.truth, *a.truth], [*a.given, *b.given]))
    rng = numpy.random.default_rng(seed)

    def difference(swapped: numpy.ndarray) -> numpy.ndarray:
        nothing = numpy.zeros(len(swapped))
        of_a, of_b = numpy.hstack([1 - swapped, swapped]), numpy.hstack([swapped, 1 - swapped])
        values: numpy.ndarray = both.values(of_b, nothing, nothing) - both.values(of_a, nothing, nothing)
        return values

    seen = abs(difference(numpy.zeros((1, examples)))[0])
    as_large, most = 0, max(1, _BLOCK // examples)
    for start in range(0, resamples, most):
        swapped = rng.integers(0, 2, (min(most, resamples - start), examples)).astype(float)
        as_large += int((numpy.abs(difference(swapped)) >= seen - _ROUNDING).sum())
    return (as_large + 1) / (resamples + 1)
