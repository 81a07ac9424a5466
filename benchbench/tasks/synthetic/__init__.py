"""Synthetic twins of real tasks: their columns, labels, metrics and lengths, and text from grammars of our own.

They exist so that a machine without a network can train something and see it learn. Their scores say nothing about
the real tasks, which is why everything made from them carries the origin 'synthetic'.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from benchbench.tasks.synthetic.twins import TWINS
from benchbench.tasks.task import Task, TaskData

if TYPE_CHECKING:
    import datasets
    from transformers import PreTrainedTokenizerFast


def generate(task: Task, seed: int = 0) -> TaskData:
    """The twin's examples, the same for the same seed on every machine. Raises `InputError` for any other task."""
    from benchbench.tasks.synthetic.generation import generate_data

    return generate_data(task, seed)


@cache
def tokenizer() -> PreTrainedTokenizerFast:
    """An uncased WordPiece tokenizer with BERT's pair template, trained on the training texts of all twins (seed 0)."""
    from benchbench.tasks.synthetic.wordpiece import train_tokenizer

    return train_tokenizer(_training_texts())


def _training_texts() -> list[str]:
    return [text for task in TWINS for text in texts(generate(task).train)]


def texts(split: datasets.Dataset) -> Iterator[str]:
    """Every text in a split of any kind of task, words of a tagged sentence with spaces between."""
    for column in ("text", "text_pair", "question", "context"):
        if column in split.column_names:
            yield from split[column]
    if "words" in split.column_names:
        yield from (" ".join(words) for words in split["words"])
