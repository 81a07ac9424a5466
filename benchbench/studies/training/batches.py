"""Tokenised examples in memory, from which padded batches are cut."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy
import torch

if TYPE_CHECKING:
    import datasets
    import pyarrow
    from transformers import PreTrainedTokenizerBase

_TOKENS = "input_ids"
_MASK = "attention_mask"


@dataclass(frozen=True, slots=True)
class Column:
    """A list of numbers for each example: `values` one after the other, those of example n from `starts[n]` on.

    `fill`: what pads a shorter example.
    """

    values: numpy.ndarray
    starts: numpy.ndarray
    fill: int


@dataclass
class Batches:
    """The examples of a split. `padded`: columns with an entry a token; `whole`: the others, an entry an example.

    `pad_to`: tokens of every batch; None for those of its longest example. `tokens`, `padding` and `examples` count
    what was in the batches that were made.
    """

    lengths: numpy.ndarray
    padded: Mapping[str, Column]
    whole: Mapping[str, torch.Tensor]
    pad_left: bool
    pad_to: int | None = None
    tokens: int = field(default=0, init=False)
    padding: int = field(default=0, init=False)
    examples: int = field(default=0, init=False)

    @classmethod
    def of(
        cls,
        examples: datasets.Dataset,
        columns: Collection[str],
        tokenizer: PreTrainedTokenizerBase,
        *,
        token_label: int | None = None,
        pad_to: int | None = None,
    ) -> Batches:
        """The `columns` of tokenised `examples`: a tokenizer's inputs, and what the loss takes beside them.

        The mask of attention is made in any case. `token_label`: what stands for no label in a column `labels` with one
        a token; None where it has one an example.
        """
        fills = {_TOKENS: tokenizer.pad_token_id or 0, "token_type_ids": tokenizer.pad_token_type_id}
        if token_label is not None:
            fills["labels"] = token_label
        table = examples.with_format("arrow")[:]
        table = table.select([name for name in table.column_names if name in columns and name != _MASK])
        padded = {name: _column(table[name], fill) for name, fill in fills.items() if name in table.column_names}
        whole = {name: _tensor(table[name]) for name in table.column_names if name not in padded}
        starts = padded[_TOKENS].starts
        return cls(numpy.diff(starts), padded, whole, tokenizer.padding_side == "left", pad_to)

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, numbers: Sequence[int]) -> dict[str, torch.Tensor]:
        """The examples of these numbers: (examples, tokens), or (examples, …) of what is not by token."""
        lengths = self.lengths[numbers]
        columns = self.pad_to or int(lengths.max())
        where = [slice(columns - n, columns) if self.pad_left else slice(0, n) for n in lengths.tolist()]
        self.count(len(numbers), len(numbers) * columns, int(lengths.sum()))
        made = {name: self._filled(column, numbers, columns, where) for name, column in self.padded.items()}
        mask = torch.zeros(len(numbers), columns, dtype=torch.long)
        for row, part in zip(mask.numpy(), where, strict=True):
            row[part] = 1
        return made | {_MASK: mask} | {name: values[torch.as_tensor(numbers)] for name, values in self.whole.items()}

    def count(self, examples: int, tokens: int, real_tokens: int) -> None:
        """A batch was made of so many examples and tokens, padding among them or not."""
        self.examples += examples
        self.tokens += tokens
        self.padding += tokens - real_tokens

    def _filled(self, column: Column, numbers: Sequence[int], columns: int, where: Sequence[slice]) -> torch.Tensor:
        filled = numpy.full((len(numbers), columns), column.fill, dtype=numpy.int64)
        for row, number, part in zip(filled, numbers, where, strict=True):
            row[part] = column.values[column.starts[number] : column.starts[number + 1]]
        return torch.from_numpy(filled)


def _column(lists: pyarrow.ChunkedArray, fill: int) -> Column:
    joined = lists.combine_chunks()
    lengths = joined.value_lengths().to_numpy(zero_copy_only=False)
    return Column(joined.flatten().to_numpy(zero_copy_only=False), numpy.concatenate([[0], lengths.cumsum()]), fill)


def _tensor(values: pyarrow.ChunkedArray) -> torch.Tensor:
    """Integers as int64, other numbers as float32."""
    found = torch.tensor(values.to_pylist())
    return found.float() if found.is_floating_point() else found.long()
