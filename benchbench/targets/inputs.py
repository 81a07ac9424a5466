"""Seeded batches for measuring: the same arrays for every model, runtime and process that asks with the same seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy

from benchbench.errors import InputError
from benchbench.targets.shape import Shape

FIRST_ORDINARY_TOKEN = 1000
"""Below it lie the padding and special tokens of the BERT family's vocabularies (Devlin et al. 2019, vocab.txt)."""


def batch(
    shape: Shape,
    vocabulary_size: int,
    seed: int,
    lengths: Sequence[int] | None = None,
    token_types: bool = True,
) -> dict[str, numpy.ndarray]:
    """One batch of `shape`: `input_ids`, `attention_mask` and, with `token_types`, `token_type_ids`.

    All are int64 of shape (batch, sequence). Token ids are uniform over the ordinary tokens of the vocabulary.
    `lengths`: tokens of each example, the rest is padding (id 0, mask 0); None fills every row.
    Raises `InputError` when `lengths` does not fit `shape`.
    """
    rows, columns = shape.batch_size, shape.sequence_length
    lengths = [columns] * rows if lengths is None else list(lengths)
    if len(lengths) != rows or min(lengths) < 1 or max(lengths) > columns:
        raise InputError(f"lengths must be {rows} numbers from 1 to {columns}; got {lengths[:8]}")
    first = FIRST_ORDINARY_TOKEN if vocabulary_size > 2 * FIRST_ORDINARY_TOKEN else min(5, vocabulary_size - 1)
    ids = numpy.random.default_rng(seed).integers(first, vocabulary_size, size=(rows, columns), dtype=numpy.int64)
    arrays = padded(ids, lengths)
    if not token_types:
        del arrays["token_type_ids"]
    return arrays


def padded(ids: numpy.ndarray, lengths: Sequence[int] | numpy.ndarray) -> dict[str, numpy.ndarray]:
    """The batch of rows of token ids (int64, of shape (batch, sequence)) that are padding after their `lengths`."""
    mask = (numpy.arange(ids.shape[1])[None, :] < numpy.asarray(lengths)[:, None]).astype(numpy.int64)
    return {"input_ids": ids * mask, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}


def queries(
    shape: Shape, vocabulary_size: int, seed: int, lengths: Sequence[int] = (), *, fixed: bool = False
) -> list[dict[str, numpy.ndarray]]:
    """The batches that hold examples of these `lengths` in their order; without lengths one batch that fills `shape`.

    Each batch is as long as its longest example, or, where the runtime's shape is `fixed`, as long as `shape`.
    """
    if not lengths:
        return [batch(shape, vocabulary_size, seed)]
    return _filled(_batches(lengths, shape, fixed), vocabulary_size, seed)


def batches(groups: Iterable[Sequence[int]], vocabulary_size: int, seed: int) -> list[dict[str, numpy.ndarray]]:
    """A batch for each group of examples of these lengths, as long as its longest."""
    return _filled(_as_long_as_needed(groups), vocabulary_size, seed)


def padding_waste(lengths: Sequence[int], shape: Shape, *, fixed: bool = False) -> float:
    """Padding as a share (0 to 1) of the tokens that `queries` of examples of these `lengths` hold."""
    return _waste(_batches(lengths, shape, fixed))


def padding_waste_of(groups: Iterable[Sequence[int]]) -> float:
    """Padding as a share (0 to 1) of the tokens that `batches` of these groups hold."""
    return _waste(_as_long_as_needed(groups))


_Members = tuple[int, Sequence[int]]
"""Of a batch its tokens an example, padding counted, and its examples' lengths."""


def _filled(members: Iterable[_Members], vocabulary_size: int, seed: int) -> list[dict[str, numpy.ndarray]]:
    return [
        batch(Shape(len(lengths), tokens), vocabulary_size, seed + number, lengths)
        for number, (tokens, lengths) in enumerate(members)
    ]


def _waste(members: Iterable[_Members]) -> float:
    counted = [(sum(lengths), tokens * len(lengths)) for tokens, lengths in members]
    return 1.0 - sum(real for real, _ in counted) / sum(computed for _, computed in counted)


def _as_long_as_needed(groups: Iterable[Sequence[int]]) -> Iterator[_Members]:
    return ((max(lengths), lengths) for lengths in groups)


def _batches(lengths: Sequence[int], shape: Shape, fixed: bool) -> Iterator[_Members]:
    for start in range(0, len(lengths), shape.batch_size):
        members = lengths[start : start + shape.batch_size]
        yield (shape.sequence_length if fixed else max(members)), members
