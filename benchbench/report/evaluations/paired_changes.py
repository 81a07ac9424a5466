"""How far two scores on the same examples lie apart, and whether that is more than chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from benchbench.errors import InputError, unknown
from benchbench.records import Interval, Subject
from benchbench.report.evaluations.evaluation import Evaluated, Evaluation, comparable
from benchbench.scoring.paired import change, mean_score
from benchbench.scoring.seeds import Change
from benchbench.scoring.significance import mcnemar, permutation

FP32 = "fp32"
"""What a person calls the model as transformers writes it, in PyTorch and fp32, beside its targets."""

_SIDES = ("target", "model", "recipe", "weights")
_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two evaluations of the same examples. `same_training`: they are of the same trained models, run by run."""

    before: Evaluation
    after: Evaluation
    same_training: bool = False


@dataclass(frozen=True, slots=True)
class PairedChange:
    """`change`: after minus before, each the mean over its trainings, with a paired 95 % interval.

    `p_value`: of no difference: McNemar's exact test for an accuracy of one training each, a permutation of the answers
    for another metric of one training each, else from the draws of the interval.
    """

    metric: str
    before: Interval
    after: Interval
    change: Interval
    p_value: float


def across_runs(before: Evaluated, after: Evaluated) -> Mapping[Subject, Pair]:
    """What both runs answered to the same examples, by subject. The trainings of two runs are independent."""
    return {
        subject: Pair(found, after.by_subject[subject])
        for subject, found in before.by_subject.items()
        if subject in after.by_subject and comparable(found, after.by_subject[subject])
    }


def within_run(found: Evaluated, before: str, after: str) -> Mapping[Subject, Pair]:
    """The evaluations that differ in `before` and `after` alone, by the subject that they share.

    The two names are of targets, models, recipes or weights; a target may be `FP32`. Weights of two models differ, and
    do not count. Raises `InputError` where nothing in the run has these names, or no examples are shared.
    """
    named = {side: {_named(each.subject, side): None for each in found.by_subject.values()} for side in _SIDES}
    side = next((side for side in _SIDES if before in named[side] and after in named[side]), None)
    if side is None or before == after:
        known = {name for names in named.values() for name in names if name}
        wrong = next((name for name in (before, after) if name not in known), None)
        if wrong is not None:
            raise unknown("model, target, recipe or weights with predictions", wrong, known or ["none in this run"])
        raise InputError(f"{before!r} and {after!r} must be two models, two targets, two recipes or two weights")
    pairs: dict[Subject, Pair] = {}
    for one in found.by_subject.values():
        if _named(one.subject, side) != before:
            continue
        shared = _without(one.subject, side)
        for other in found.by_subject.values():
            if _named(other.subject, side) == after and _without(other.subject, side) == shared:
                pair = _same_trainings(one, other) if side == "target" else Pair(one, other)
                if pair and comparable(pair.before, pair.after):
                    pairs[shared] = pair
    if not pairs:
        raise InputError(f"{before} and {after} answered no examples in common")
    return pairs


def _named(subject: Subject, side: str) -> str:
    value = getattr(subject, side)
    return value or (FP32 if side == "target" else "")


def _without(subject: Subject, side: str) -> Subject:
    shared = replace(subject, **{side: None})
    return replace(shared, weights=None) if side == "model" else shared


def _same_trainings(one: Evaluation, other: Evaluation) -> Pair | None:
    cells = [cell for cell in one.runs if cell in other.runs]
    if not cells:
        return None
    before, after = (replace(each, runs={cell: each.runs[cell] for cell in cells}) for each in (one, other))
    return Pair(before, after, same_training=True)


def changed(pair: Pair, metric: str) -> PairedChange:
    """The change of one of the task's metrics."""
    marking, before, after = pair.before.marking, pair.before.answers, pair.after.answers
    first, second = (mean_score(marking, metric, answers) for answers in (before, after))
    if [tuple(answers.given) for answers in before] == [tuple(answers.given) for answers in after]:
        return PairedChange(metric, first, second, Interval(0.0, 0.0, 0.0), 1.0)
    found = change(marking, metric, before, after, same_training=pair.same_training, resamples=_RESAMPLES)
    return PairedChange(metric, first, second, found.interval(), _p_value(pair, metric, found))


def _p_value(pair: Pair, metric: str, found: Change) -> float:
    before, after = pair.before.answers, pair.after.answers
    if len(before) > 1 or len(after) > 1:
        return found.p_value()
    if metric == "accuracy":
        return mcnemar(before[0], after[0])
    return permutation(pair.before.marking, metric, before[0], after[0], resamples=_RESAMPLES)
