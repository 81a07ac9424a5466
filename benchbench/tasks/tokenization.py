"""Examples as token ids: unpadded, so that batches can be padded to their own longest example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchbench.tasks.task import TaskData

if TYPE_CHECKING:
    import datasets
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class TokenisedTask:
    """`train` and each of `evaluation` have the tokenizer's inputs and `labels`, a list of token ids an example."""

    train: datasets.Dataset
    evaluation: Mapping[str, datasets.Dataset]


def tokenise(data: TaskData, tokenizer: PreTrainedTokenizerBase, max_length: int) -> TokenisedTask:
    """Tokenise all splits; longer examples are cut to `max_length` tokens, the longer text of a pair first."""
    return TokenisedTask(
        _tokenise(data.train, tokenizer, max_length),
        {name: _tokenise(split, tokenizer, max_length) for name, split in data.evaluation.items()},
    )


def _tokenise(split: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, max_length: int) -> datasets.Dataset:
    import datasets

    texts = [list(split[column]) for column in ("text", "text_pair") if column in split.column_names]
    encoded = tokenizer(*texts, truncation=True, max_length=max_length)
    return datasets.Dataset.from_dict({**encoded, "labels": list(split["label"])})
