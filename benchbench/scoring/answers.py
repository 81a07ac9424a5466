"""What is true of the examples of a task and what a model answered, and what a comparison of the two says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy

from benchbench.errors import InputError
from benchbench.quantities import METRICS
from benchbench.quantities.metrics import Metric, pearson
from benchbench.records import Marking
from benchbench.scoring import spans, tags
from benchbench.scoring.outcomes import Drawn, Outcomes

if TYPE_CHECKING:
    from benchbench.quantities.metrics import Compare


@dataclass(frozen=True, slots=True)
class Answers:
    """What is true and what was answered, an item for each example, in the order of the examples; plain data.

    An item is a class number; a float for a regression; a 1 or 0 for each label of a multi-label task; a tag for each
    word in token classification. In question answering the truth is the right texts (none where there is no answer),
    and the answer a text.
    """

    truth: Sequence[Any]
    given: Sequence[Any]

    def __post_init__(self) -> None:
        if len(self.truth) != len(self.given):
            raise InputError(f"{len(self.given)} answers to {len(self.truth)} examples: there must be one for each")

    def __len__(self) -> int:
        return len(self.truth)


def outcomes(marking: Marking, answers: Answers) -> Outcomes:
    """How good `answers` are, by each metric of `marking`.

    A correlation with constant predictions is not defined; it counts as 0, which is what such a model is worth.
    """
    if marking.kind == "token-classification":
        return tags.score(answers.truth, answers.given)
    if marking.kind == "question-answering":
        return spans.score(answers.truth, answers.given)
    truth, given = arrays(marking, answers)
    scored = {name: _drawn(METRICS[name], marking, truth, given) for name in marking.metrics}
    return Outcomes(len(truth), scored, one_answer=bool((given == given[0]).all()))


def arrays(marking: Marking, answers: Answers) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Truth and answers as metrics compare them: (examples,), or (examples, labels) of a multi-label task."""
    kind = float if marking.kind == "regression" else int
    return numpy.asarray(answers.truth).astype(kind), numpy.asarray(answers.given).astype(kind)


def agreement(marking: Marking, a: Answers, b: Answers) -> float:
    """The share of examples to which both give the same answer; for a regression Pearson's correlation of the two."""
    same_examples([a], [b])
    if marking.kind == "regression":
        return pearson(numpy.asarray(a.given, float), numpy.asarray(b.given, float))
    return float(numpy.mean([one == other for one, other in zip(a.given, b.given, strict=True)]))


def same_examples(baseline: Sequence[Answers], candidate: Sequence[Answers]) -> int:
    """How many examples there are. Raises `InputError` where a run lacks some, or has more or others."""
    if not (baseline and candidate and len(baseline[0])):
        raise InputError("no answers to compare: each side needs a run with at least one example")
    truth = list(baseline[0].truth)
    for side, runs in (("baseline", baseline), ("candidate", candidate)):
        for number, run in enumerate(runs, start=1):
            name = f"the {side}'s run {number} of {len(runs)}"
            if len(run) != len(truth):
                raise InputError(
                    f"{name} answers {len(run)} examples, the baseline's first {len(truth)}: score both on the same"
                )
            other = next((at for at, pair in enumerate(zip(truth, run.truth, strict=True)) if pair[0] != pair[1]), None)
            if other is not None:
                raise InputError(
                    f"{name} has other examples than the baseline's first: for example {other + 1} the truth is "
                    f"{run.truth[other]!r}, not {truth[other]!r}"
                )
    return len(truth)


def notes(marking: Marking) -> tuple[str, ...]:
    """What a reader of the scores has to know: whose F1 it is."""
    named = [METRICS[name] for name in marking.metrics if _of_one_label(METRICS[name], marking)]
    return tuple(
        f"{metric.quantity.title} is that of the label {marking.labels[marking.positive]!r}" for metric in named
    )


def _of_one_label(metric: Metric, marking: Marking) -> bool:
    return metric.two_classes and marking.kind == "classification"


def _drawn(metric: Metric, marking: Marking, truth: numpy.ndarray, given: numpy.ndarray) -> Drawn:
    assert metric.compare is not None, f"{metric.name} is counted by its kind of task"
    if metric.two_classes:
        truth, given = ((numbers == marking.positive).astype(int) for numbers in (truth, given))
    return partial(_compared, metric.compare, truth, given)


def _compared(compare: Compare, truth: numpy.ndarray, given: numpy.ndarray, drawn: numpy.ndarray) -> float:
    return compare(truth[drawn], given[drawn])
