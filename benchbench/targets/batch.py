"""What a model accepts, checked before each run, so that a bad batch is an error on every runtime and never garbage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy

from benchbench.errors import InputError
from benchbench.models.source import ModelSource
from benchbench.targets.protocol import Batch, Shape


@dataclass(frozen=True, slots=True)
class Limits:
    """`vocabulary_size` and `max_positions` of the model; `fixed` is the one shape that can run, None for any."""

    vocabulary_size: int
    max_positions: int
    fixed: Shape | None = None

    @staticmethod
    def of(source: ModelSource, fixed: Shape | None = None) -> Limits:
        """The limits of a model, from its configuration."""
        from benchbench.models.loading import config

        settings = config(source)
        return Limits(settings.vocab_size, settings.max_position_embeddings, fixed)

    def check(self, batch: Batch) -> None:
        """Raise `InputError` for a batch that the model cannot take: rank, shapes, type, length, token ids."""
        ids = batch.get("input_ids")
        if ids is None or ids.ndim != 2 or 0 in ids.shape:
            raise InputError("input_ids must have the shape (batch, sequence), neither of them 0")
        for name, array in batch.items():
            if array.shape != ids.shape or array.dtype != numpy.int64:
                raise InputError(f"{name} is {array.dtype} {array.shape}; input_ids need it int64 {ids.shape}")
        if ids.shape[1] > self.max_positions:
            raise InputError(f"{ids.shape[1]} tokens are more than the model's {self.max_positions}")
        if self.fixed is not None and ids.shape != (self.fixed.batch_size, self.fixed.sequence_length):
            raise InputError(f"prepared for {self.fixed}, got {ids.shape}")
        if ids.min() < 0 or ids.max() >= self.vocabulary_size:
            raise InputError(f"token ids must lie in 0 … {self.vocabulary_size - 1}")
