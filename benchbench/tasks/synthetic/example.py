"""What a grammar draws."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class Example(Protocol):
    """What every grammar draws. `texts`: no two examples of a data set have the same."""

    @property
    def texts(self) -> tuple[str, ...]: ...

    def row(self, labels: tuple[str, ...]) -> Mapping[str, object]:
        """The columns of `benchbench.tasks.task.TaskData`, for a task with these labels."""
        ...


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text, or a pair, with its label: a class number, or a score for a regression."""

    texts: tuple[str, ...]
    label: int | float

    def row(self, labels: tuple[str, ...]) -> Mapping[str, object]:
        return {**dict(zip(("text", "text_pair"), self.texts, strict=False)), "label": self.label}


@dataclass(frozen=True, slots=True)
class TaggedSentence:
    """Words with a tag each: O, B-… or I-…."""

    words: tuple[str, ...]
    tags: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return self.words

    def row(self, labels: tuple[str, ...]) -> Mapping[str, object]:
        return {"words": list(self.words), "tags": [labels.index(tag) for tag in self.tags]}


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its one answer, which begins at character `start` of the context."""

    question: str
    context: str
    answer: str
    start: int

    @property
    def texts(self) -> tuple[str, ...]:
        return self.question, self.context

    def row(self, labels: tuple[str, ...]) -> Mapping[str, object]:
        return {
            "id": hashlib.sha256("\n".join(self.texts).encode()).hexdigest()[:24],
            "question": self.question,
            "context": self.context,
            "answers": {"text": [self.answer], "answer_start": [self.start]},
        }


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long the texts of a data set are, in words."""

    mean: float
    deviation: float
    shortest: int
    longest: int


def skewed_length(rng: random.Random, lengths: Lengths) -> int:
    """A number of words, log-normal with the mean and deviation before clipping: text lengths lean to the right."""
    variance = math.log(1 + (lengths.deviation / lengths.mean) ** 2)
    length = rng.lognormvariate(math.log(lengths.mean) - variance / 2, math.sqrt(variance))
    return min(max(round(length), lengths.shortest), lengths.longest)


def word_count(text: str) -> int:
    return len(text.split())
