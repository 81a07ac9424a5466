"""One label, or one score, for a text or a pair of texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from benchbench.scoring.answers import Answers
from benchbench.tasks.task import Task

if TYPE_CHECKING:
    import datasets
    from transformers import PreTrainedTokenizerBase


def tokenise(split: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, max_length: int) -> datasets.Dataset:
    """Longer examples are cut to `max_length` tokens, the longer text of a pair first. Test splits have no labels."""
    import datasets

    encoded = tokenizer(*_columns(split), truncation=True, max_length=max_length)
    labels = {"labels": list(split["label"])} if "label" in split.column_names else {}
    return datasets.Dataset.from_dict({**encoded, **labels})


def _columns(split: datasets.Dataset) -> list[list[str]]:
    return [list(split[column]) for column in ("text", "text_pair") if column in split.column_names]


def written(split: datasets.Dataset, tokenizer: PreTrainedTokenizerBase | None = None) -> Sequence[tuple[str, ...]]:
    """See `kinds.Kind.written`: one text or a pair."""
    return list(zip(*_columns(split), strict=True))


def collator(
    tokenizer: PreTrainedTokenizerBase, pad_to: int | None = None
) -> Callable[[list[dict[str, Any]]], dict[str, Any]]:
    """See `kinds.Kind.collator`."""
    from transformers import DataCollatorWithPadding

    return DataCollatorWithPadding(tokenizer, padding="max_length" if pad_to else True, max_length=pad_to)


def answers(
    task: Task, examples: datasets.Dataset, tokens: datasets.Dataset, logits: Sequence[numpy.ndarray]
) -> Answers:
    """See `kinds.Kind.answers`; each of `logits`: (labels,)."""
    given = predictions(task, numpy.stack(logits))
    return Answers(numpy.asarray(list(examples["label"])).astype(given.dtype).tolist(), given.tolist())


def predictions(task: Task, logits: numpy.ndarray) -> numpy.ndarray:
    """Class numbers, or the values of a regression: shape (examples,). A 1 for each label that applies where there may
    be several: shape (examples, labels); a label applies where its probability is above a half.
    """
    if task.kind == "regression":
        return numpy.asarray(logits).reshape(len(logits), -1)[:, 0].astype(float)
    if task.kind == "multi-label":
        return (numpy.asarray(logits) > 0).astype(int)
    classes: numpy.ndarray = numpy.asarray(logits).argmax(axis=-1)
    return classes
