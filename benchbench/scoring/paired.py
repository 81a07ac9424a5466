"""The scores of two systems on the same examples: how far they differ, with an interval over examples and seeds.

All runs answer the same examples, so all are drawn on the same resamples of them: the paired bootstrap (Efron 1979;
Koehn 2004, "Statistical significance tests for machine translation evaluation"). `seeds` says what trainings add.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy

from benchbench.errors import InputError
from benchbench.records import Interval, Marking
from benchbench.scoring.answers import Answers, same_examples
from benchbench.scoring.resampling import deviations, scores
from benchbench.scoring.seeds import Change, Runs, joined
from benchbench.scoring.tallies import tally

Run = TypeVar("Run")


def score_change(
    marking: Marking,
    metric: str,
    baseline: Sequence[Answers],
    candidate: Sequence[Answers],
    *,
    same_training: bool = False,
    resamples: int = 1000,
    seed: int = 0,
) -> Interval:
    """The candidate's `metric` minus the baseline's with a paired 95 % interval: `change` without its draws."""
    found = change(marking, metric, baseline, candidate, same_training=same_training, resamples=resamples, seed=seed)
    return found.interval()


def change(
    marking: Marking,
    metric: str,
    baseline: Sequence[Answers],
    candidate: Sequence[Answers],
    *,
    kept: float = 1.0,
    same_training: bool = False,
    resamples: int = 1000,
    seed: int = 0,
) -> Change:
    """The candidate's `metric` minus `kept` times the baseline's, each the mean over its seeds.

    An item of `baseline` and `candidate` is one seed's answers to the same evaluation examples. The seeds of the two
    are independent trainings, any number of them, unless `same_training`: then they are paired by seed too, as two
    targets of one fine-tuned model are (`shared` finds the seeds that both have). With one seed on both sides the
    change is that of these two trained models; what others trained alike would show takes several.

    Raises `InputError` where the examples are not the same.
    """
    examples = same_examples(baseline, candidate)
    if same_training and len(baseline) != len(candidate):
        raise InputError(
            f"{len(baseline)} trainings of the baseline cannot be paired with {len(candidate)} of the candidate: "
            "compare the seeds that both have"
        )
    rng = numpy.random.default_rng(seed)
    first, second = ([tally(marking, metric, answers) for answers in runs] for runs in (baseline, candidate))
    moves = deviations(first, second, examples, resamples, rng)
    before = Runs(scores(first, examples), moves[0]).times(-kept)
    after = Runs(scores(second, examples), moves[1])
    return joined([after.plus(before)] if same_training else [after, before], examples, rng)


def mean_score(
    marking: Marking, metric: str, runs: Sequence[Answers], *, resamples: int = 1000, seed: int = 0
) -> Interval:
    """One system's `metric`, the mean over its seeds, with a 95 % interval that narrows with seeds and examples."""
    examples = same_examples(runs, runs)
    rng = numpy.random.default_rng(seed)
    tallies = [tally(marking, metric, answers) for answers in runs]
    _, moves = deviations([], tallies, examples, resamples, rng)
    return joined([Runs(scores(tallies, examples), moves)], examples, rng).interval()


def shared(baseline: Mapping[int, Run], candidate: Mapping[int, Run]) -> tuple[list[Run], list[Run]]:
    """The runs of the seeds that both have, in the same order; the others are left out."""
    seeds = sorted(baseline.keys() & candidate.keys())
    return [baseline[number] for number in seeds], [candidate[number] for number in seeds]
