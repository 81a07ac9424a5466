"""Examples that stand more than once in a user's data: they count more than once, or were seen in training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_GIVEN = ("text", "text_pair", "words", "question", "context")
_ANSWERS = ("label", "tags")


def notes(train: Mapping[str, Sequence[Any]], evaluation: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    """A sentence for each kind of doubtful example in the columns of an evaluation split."""
    examples = _rows(evaluation, _GIVEN)
    counts, count = Counter(examples), f"of {len(examples)} evaluation examples"
    if again := len(examples) - len(counts):
        yield f"{again} {count} repeat another one, and count again"
    answers = set(zip(examples, _rows(evaluation, _ANSWERS), strict=True))
    if several := len(answers) - len(counts):
        yield f"{several} {count} repeat another one with another label, so that no model can be right about both"
    if seen := counts.keys() & set(_rows(train, _GIVEN)):
        yield f"{sum(counts[example] for example in seen)} {count} are training examples too"


def _rows(columns: Mapping[str, Sequence[Any]], wanted: Sequence[str]) -> list[str]:
    present = [columns[name] for name in wanted if name in columns]
    if not present:
        return [""] * len(next(iter(columns.values())))
    return [repr(row) for row in zip(*present, strict=True)]
