"""Which examples share a batch: those of about one length, so that little is computed on padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch.utils.data import Sampler

_POOL = 100  # batches that are cut from one random draw: enough to match lengths, few enough to keep batches random


class LengthGrouped(Sampler[int]):
    """All examples in random order, so that `batch_size` neighbours have about the same length.

    Batches come in random order too: short and long ones in turn, not all long ones first. Another order each epoch,
    decided by `seed`.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self._lengths = torch.tensor(lengths)
        self._batch_size = batch_size
        self._random = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        drawn = torch.randperm(len(self._lengths), generator=self._random)
        batches: list[torch.Tensor] = []
        for pool in torch.split(drawn, _POOL * self._batch_size):
            batches += torch.split(pool[self._lengths[pool].argsort(stable=True)], self._batch_size)
        # A batch that is not full goes last, or it would cut the others.
        full = [batch for batch in batches if len(batch) == self._batch_size]
        rest = [batch for batch in batches if len(batch) < self._batch_size]
        for number in torch.randperm(len(full), generator=self._random).tolist():
            yield from full[number].tolist()
        for batch in rest:
            yield from batch.tolist()
