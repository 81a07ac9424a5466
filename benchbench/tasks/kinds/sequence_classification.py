"""One label, or one score, for a text or a pair of texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from benchbench.tasks.scoring import Outcomes, classified
from benchbench.tasks.task import Task

if TYPE_CHECKING:
    import datasets
    from transformers import PreTrainedTokenizerBase


def tokenise(split: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, max_length: int) -> datasets.Dataset:
    """Longer examples are cut to `max_length` tokens, the longer text of a pair first. Test splits have no labels."""
    import datasets

    texts = [list(split[column]) for column in ("text", "text_pair") if column in split.column_names]
    encoded = tokenizer(*texts, truncation=True, max_length=max_length)
    labels = {"labels": list(split["label"])} if "label" in split.column_names else {}
    return datasets.Dataset.from_dict({**encoded, **labels})


def collator(
    tokenizer: PreTrainedTokenizerBase, pad_to: int | None = None
) -> Callable[[list[dict[str, Any]]], dict[str, Any]]:
    """See `kinds.Kind.collator`."""
    from transformers import DataCollatorWithPadding

    return DataCollatorWithPadding(tokenizer, padding="max_length" if pad_to else True, max_length=pad_to)


def outcomes(
    task: Task, examples: datasets.Dataset, tokens: datasets.Dataset, logits: Sequence[numpy.ndarray]
) -> Outcomes:
    """See `kinds.Kind.outcomes`; each of `logits`: (labels,)."""
    return classified(task, numpy.stack(logits), list(examples["label"]))
