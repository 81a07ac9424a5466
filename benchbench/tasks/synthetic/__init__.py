"""Synthetic twins of real tasks: their columns, labels, metrics and lengths, and text from grammars of our own.

They exist so that a machine without a network can train something and see it learn. Their scores say nothing about
the real tasks, which is why everything made from them carries the origin 'synthetic'.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from benchbench import caches
from benchbench.errors import InputError
from benchbench.runs import atomic
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
    """An uncased WordPiece tokenizer with BERT's pair template, trained on the training texts of all twins (seed 0).

    Its vocabulary is kept in the cache: to write the texts of all twins and to count their pieces takes seconds.
    """
    from benchbench.tasks.synthetic.wordpiece import with_vocabulary

    return with_vocabulary(_vocabulary(caches.tokens()))


def _vocabulary(cache: Path) -> Mapping[str, int]:
    from benchbench.tasks.synthetic.wordpiece import vocabulary

    kept = cache / f"vocabulary-{_key()}.json"
    with suppress(OSError, ValueError):  # missing or broken: it is made again
        return dict(json.loads(kept.read_bytes()))
    found = vocabulary(_training_texts())
    with suppress(InputError):  # read-only or full
        atomic.write_bytes(kept, json.dumps(found, sort_keys=True).encode())
    return found


def _key() -> str:
    """The code that writes the texts and counts pieces decides the vocabulary, and nothing else does."""
    import tokenizers

    return f"{caches.code_of(__name__)[:24]}-{tokenizers.__version__}"


def _training_texts() -> list[str]:
    return [text for task in TWINS for text in texts(generate(task).train)]


def texts(split: datasets.Dataset) -> Iterator[str]:
    """Every text in a split of any kind of task, words of a tagged sentence with spaces between."""
    for column in ("text", "text_pair", "question", "context"):
        if column in split.column_names:
            yield from split[column]
    if "words" in split.column_names:
        yield from (" ".join(words) for words in split["words"])
