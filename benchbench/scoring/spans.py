"""Answers as spans of a context: exact match and F1, as the official scripts of SQuAD compute them."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

import numpy

from benchbench.scoring.outcomes import Outcomes

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def score(gold: Sequence[Sequence[str]], predicted: Sequence[str]) -> Outcomes:
    """Exact match and F1 of answers, as the official scripts of SQuAD v1.1 and v2.0 compute them (as fractions)."""
    exact, overlap = marks(gold, predicted).T
    return Outcomes(
        len(exact),
        {"f1": lambda drawn: float(overlap[drawn].mean()), "exact_match": lambda drawn: float(exact[drawn].mean())},
    )


def marks(gold: Sequence[Sequence[str]], predicted: Sequence[str]) -> numpy.ndarray:
    """Exact match and F1 of each answer, fractions: (questions, 2).

    `gold`: the right answers to each question, none where there is no answer; where the data has such questions, the
    rules of v2.0 hold. The best of a question's right answers counts.
    """
    null_answers = has_null_answers(gold)
    exact, overlap = [], []
    for answers, given in zip(gold, predicted, strict=True):
        right = [text for text in answers if normalise(text)] or [""] if null_answers else answers
        exact.append(max(float(normalise(text) == normalise(given)) for text in right))
        overlap.append(max(_f1(text, given, null_answers) for text in right))
    return numpy.array([exact, overlap]).T


def normalise(answer: str) -> str:
    """Lower case, without punctuation, articles and extra spaces."""
    return " ".join(_ARTICLES.sub(" ", answer.lower().translate(_PUNCTUATION)).split())


def _f1(right: str, given: str, null_answers: bool) -> float:
    a, b = normalise(right).split(), normalise(given).split()
    if null_answers and not (a and b):
        return float(a == b)
    common = sum((Counter(a) & Counter(b)).values())
    return 2 * common / (len(a) + len(b)) if common else 0.0


def has_null_answers(gold: Sequence[Sequence[str]]) -> bool:
    """Whether some question has no answer."""
    return any(not answers for answers in gold)
