"""Examples as token ids, unpadded; kept in a cache so that a task is tokenised once a tokenizer, not once a model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbench.errors import InputError
from benchbench.runs import atomic
from benchbench.tasks import kinds
from benchbench.tasks.task import Task, TaskData

if TYPE_CHECKING:
    import datasets
    from transformers import PreTrainedTokenizerBase

_FORMAT = 2  # what the tokenisation of a kind writes; raise it when that changes


@dataclass(frozen=True)
class TokenisedTask:
    """`train` and each of `evaluation` have the tokenizer's inputs and the labels that the task's kind trains on.

    `train` is made when it is first asked for: a model that is scored as it is needs none.
    """

    evaluation: Mapping[str, datasets.Dataset]
    make_train: Callable[[], datasets.Dataset]

    @cached_property
    def train(self) -> datasets.Dataset:
        return self.make_train()


def tokenise(
    data: TaskData, tokenizer: PreTrainedTokenizerBase, max_length: int, cache: Path | None = None
) -> TokenisedTask:
    """Tokenise all splits as the task's kind does; see `kinds`.

    `cache`: the folder to look in first and to leave the result in; None: keep nothing. A cache that cannot be read or
    written only costs time.
    """
    key = _key(data, tokenizer, max_length)
    return TokenisedTask(
        {name: _split(name, data, split, tokenizer, max_length, cache, key) for name, split in data.evaluation.items()},
        lambda: _split("train", data, data.train, tokenizer, max_length, cache, key),
    )


def cut(
    task: Task,
    examples: datasets.Dataset,
    tokens: datasets.Dataset,
    tokenizer: PreTrainedTokenizerBase,
    max_length: int,
) -> int | None:
    """How many of `examples`, tokenised as `tokens`, lost tokens to `max_length`; None where long ones have windows."""
    kind = kinds.of(task)
    if kind.written is None:
        return None
    full = [row for row, ids in enumerate(tokens["input_ids"]) if len(ids) >= max_length]
    if not full:
        return 0
    parts = kind.written(examples.select(full), tokenizer)
    given = [list(map(list, parts))] if kind.as_words else list(map(list, zip(*parts, strict=True)))
    whole = tokenizer(*given, is_split_into_words=kind.as_words, truncation=False, verbose=False)["input_ids"]
    return sum(len(ids) > max_length for ids in whole)


def _split(
    name: str,
    data: TaskData,
    split: datasets.Dataset,
    tokenizer: PreTrainedTokenizerBase,
    max_length: int,
    cache: Path | None,
    key: str,
) -> datasets.Dataset:
    kept = cache / f"{key}-{name}.arrow" if cache else None
    found = _read(kept) if kept else None
    if found is not None:
        return found
    kind = kinds.of(data.task)
    fresh = kind.tokenise_training if name == "train" else kind.tokenise_evaluation
    tokens = fresh(split, tokenizer, max_length)
    if kept:
        _write(tokens, kept)
    return tokens


def _key(data: TaskData, tokenizer: PreTrainedTokenizerBase, max_length: int) -> str:
    """Content alone decides: of the data, of the tokenizer, and of the libraries that tokenise."""
    import tokenizers
    import transformers

    content = {
        "format": _FORMAT,
        "kind": data.task.kind,
        "data": data.fingerprint,
        "tokenizer": _content(tokenizer),
        "inputs": tokenizer.model_input_names,
        "max_length": max_length,
        "libraries": [transformers.__version__, tokenizers.__version__],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _content(tokenizer: PreTrainedTokenizerBase) -> Any:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        return [type(tokenizer).__name__, sorted(tokenizer.get_vocab().items()), repr(tokenizer)]
    state = json.loads(backend.to_str())
    # Truncation and padding are left over from the last call; they are no part of what the tokenizer is.
    return {key: value for key, value in state.items() if key not in ("truncation", "padding")}


def _read(file: Path) -> datasets.Dataset | None:
    import datasets

    try:
        return datasets.Dataset.from_file(str(file))
    except Exception:  # missing or broken in whatever way: tokenising again mends it
        return None


def _write(tokens: datasets.Dataset, file: Path) -> None:
    """The table as an Arrow stream, which `datasets` maps into memory when it reads."""
    import pyarrow

    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, tokens.data.schema) as writer:
        writer.write_table(tokens.data.table)
    with suppress(InputError):  # read-only or full
        atomic.write_bytes(file, sink.getvalue().to_pybytes())
