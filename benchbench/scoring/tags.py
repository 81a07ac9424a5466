"""Tags of words (IOB2), scored by the whole entities that they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy

from benchbench.scoring.outcomes import Outcomes

OUTSIDE = "O"
"""The tag of a word that is in no entity."""

Entity = tuple[str, int, int]
"""Type, first word, last word."""


def score(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> Outcomes:
    """Entity-level F1 over all sentences: an entity counts when its type and both its ends are right.

    The same value as `seqeval.metrics.f1_score` in its default mode, and as the CoNLL-2000 evaluation script.
    """
    counted = counts(gold, predicted)
    return Outcomes(
        len(counted), {"f1": partial(_f1, counted)}, one_answer=len({tag for tags in predicted for tag in tags}) <= 1
    )


def counts(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> numpy.ndarray:
    """For each sentence the entities right, and the entities there and predicted together: (sentences, 2)."""
    return numpy.array([_counts(entities(g), entities(p)) for g, p in zip(gold, predicted, strict=True)])


def entities(tags: Sequence[str]) -> set[Entity]:
    """The entities of a sentence, tagged B-X, I-X or O.

    I-X without an X before it begins an entity, as the CoNLL script and seqeval have it.
    """
    found: set[Entity] = set()
    kind: str | None = None
    start = 0
    for position, tag in enumerate((*tags, OUTSIDE)):
        prefix, _, name = tag.partition("-")
        if kind is not None and (prefix != "I" or name != kind):
            found.add((kind, start, position - 1))
            kind = None
        if prefix != OUTSIDE and kind is None:
            kind, start = name, position
    return found


def _counts(gold: set[Entity], predicted: set[Entity]) -> tuple[int, int]:
    return len(gold & predicted), len(gold) + len(predicted)


def _f1(counts: numpy.ndarray, drawn: numpy.ndarray) -> float:
    right, both = counts[drawn].sum(axis=0)
    return float(2 * right / both) if both else 0.0
