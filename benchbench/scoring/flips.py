"""The examples that two systems answer differently, one of them better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from benchbench.records import Marking
from benchbench.scoring import spans, tags
from benchbench.scoring.answers import Answers, arrays, same_examples


@dataclass(frozen=True, slots=True)
class Flip:
    """Example `number` (the first is 0), to which `truth` is the right answer.

    `gain`: how much better the candidate's answer is: 1 where it alone is right, -1 where the baseline's alone is; in a
    regression, how much nearer to the truth it lies.
    """

    number: int
    truth: Any
    baseline: Any
    candidate: Any
    gain: float


def flips(marking: Marking, baseline: Answers, candidate: Answers) -> tuple[Flip, ...]:
    """The largest gains and losses first, equal ones in the order of the examples.

    An answer is right where all of an example's labels are, all entities of a sentence, or the text of an answer but
    for case, articles and punctuation.
    """
    same_examples([baseline], [candidate])
    gains = _marks(marking, candidate) - _marks(marking, baseline)
    found = [
        Flip(number, baseline.truth[number], baseline.given[number], candidate.given[number], float(gains[number]))
        for number in numpy.flatnonzero(gains).tolist()
    ]
    return tuple(sorted(found, key=lambda flip: -abs(flip.gain)))


def _marks(marking: Marking, answers: Answers) -> numpy.ndarray:
    """How good each answer is: 1 or 0; of a regression its distance from the truth, negative."""
    if marking.kind == "token-classification":
        found = zip(answers.truth, answers.given, strict=True)
        return numpy.array([float(tags.entities(truth) == tags.entities(given)) for truth, given in found])
    if marking.kind == "question-answering":
        exact: numpy.ndarray = spans.marks(answers.truth, answers.given)[:, 0]
        return exact
    truth, given = arrays(marking, answers)
    right = (truth == given).reshape(len(truth), -1).all(axis=1)
    marks: numpy.ndarray = -abs(given - truth) if marking.kind == "regression" else right.astype(float)
    return marks
