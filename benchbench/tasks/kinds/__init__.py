"""What differs between kinds of task: the head, how examples become tokens and batches, how logits become answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy

from benchbench.errors import InputError
from benchbench.quantities.metrics import TaskKind
from benchbench.records import Marking
from benchbench.scoring.answers import Answers
from benchbench.tasks.kinds import question_answering, sequence_classification, token_classification
from benchbench.tasks.task import Task

if TYPE_CHECKING:
    import datasets
    from transformers import PreTrainedTokenizerBase

    from benchbench.models.source import Head

    Tokenise = Callable[[datasets.Dataset, PreTrainedTokenizerBase, int], datasets.Dataset]
    Collator = Callable[[list[dict[str, Any]]], dict[str, Any]]
    Write = Callable[[datasets.Dataset, PreTrainedTokenizerBase], Sequence[tuple[str, ...]]]

Problem = Literal["single_label_classification", "multi_label_classification", "regression"]

Logits = Sequence[numpy.ndarray]
"""One array for each tokenised example: (labels,), or (tokens, labels) for heads that label tokens."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`problem`: what transformers calls the loss of a head with labels for whole texts; None for other heads.

    `collator(tokenizer, pad_to)` pads a list of tokenised examples to a batch of tensors, labels with them: to
    `pad_to` tokens, or to the longest of them where that is None. `no_token_label`: what it pads labels with that stand
    one a token; None where an example has one.

    `written(examples, tokenizer)`: each example as the tokenizer is given it: a text, a pair, or words (`as_words`);
    None where it gives an example several windows.

    `answers(task, examples, tokens, logits)`: what `logits` answer, which a model gave for `tokens`, the tokenised
    form of the split `examples`.
    """

    head: Head
    problem: Problem | None
    tokenise_training: Tokenise
    tokenise_evaluation: Tokenise
    collator: Callable[[PreTrainedTokenizerBase, int | None], Collator]
    answers: Callable[[Task, datasets.Dataset, datasets.Dataset, Logits], Answers]
    no_token_label: int | None = None
    written: Write | None = None

    @property
    def as_words(self) -> bool:
        return self.head == "token-classification"


def of(task: Task) -> Kind:
    """The kind of `task`."""
    return _KINDS[task.kind]


def marking(task: Task) -> Marking:
    """How answers to `task` are marked."""
    return Marking(task.kind, task.metrics, task.labels, task.positive)


def check_labels_whole_texts(task: Task, setting: str) -> None:
    """Raise `InputError` where the labels of `task` are not of whole texts, which `setting` of a suite is for."""
    if of(task).problem is None:
        able = ", ".join(name for name, kind in _KINDS.items() if kind.problem)
        raise InputError(f"{setting} is for labels of whole texts ({able}); {task.name} is {task.kind}")


def first(tokens: datasets.Dataset, examples: int) -> datasets.Dataset:
    """The tokens of the first `examples` examples; an example may have several windows (`example` numbers them)."""
    if "example" not in tokens.column_names:
        return tokens.select(range(examples))
    return tokens.select(range(sum(number < examples for number in tokens["example"])))


_CLASSES = Kind(
    head="sequence-classification",
    problem="single_label_classification",
    tokenise_training=sequence_classification.tokenise,
    tokenise_evaluation=sequence_classification.tokenise,
    collator=sequence_classification.collator,
    answers=sequence_classification.answers,
    written=sequence_classification.written,
)
_KINDS: Mapping[TaskKind, Kind] = {
    "classification": _CLASSES,
    "multi-label": replace(_CLASSES, problem="multi_label_classification"),
    "regression": replace(_CLASSES, problem="regression"),
    "token-classification": Kind(
        head="token-classification",
        problem=None,
        tokenise_training=token_classification.tokenise,
        tokenise_evaluation=token_classification.tokenise,
        collator=token_classification.collator,
        answers=token_classification.answers,
        no_token_label=token_classification.NO_LABEL,
        written=token_classification.written,
    ),
    "question-answering": Kind(
        head="question-answering",
        problem=None,
        tokenise_training=question_answering.tokenise_training,
        tokenise_evaluation=question_answering.tokenise_evaluation,
        collator=sequence_classification.collator,
        answers=question_answering.answers,
    ),
}
