"""What a model accepts, checked before each run, so that a bad batch is an error on every runtime and never garbage."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy

from benchbench.errors import InputError
from benchbench.models.source import ModelSource
from benchbench.targets.shape import Batch, Shape

FILE = "limits.json"


@dataclass(frozen=True, slots=True)
class Limits:
    """The size of a model's vocabulary and the most tokens that a row may have, None where there is no bound."""

    vocabulary_size: int
    max_positions: int | None

    @staticmethod
    def of(source: ModelSource) -> Limits:
        """The limits of a model, from its configuration."""
        from benchbench.models.extent import longest_sequence, vocabulary_size

        return Limits(vocabulary_size(source), longest_sequence(source))

    def write(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(asdict(self)))

    @staticmethod
    def read(folder: Path) -> Limits:
        """What `write` left in `folder`: no library of models has to be imported to know it."""
        return Limits(**json.loads((folder / FILE).read_text()))

    def check(self, batch: Batch, fixed: Shape | None = None) -> None:
        """Raise `InputError` for a batch that the model cannot take: rank, shapes, type, length, token ids.

        `fixed`: the one shape that can run, None for any.
        """
        ids = batch.get("input_ids")
        if ids is None or ids.ndim != 2 or 0 in ids.shape:
            raise InputError("input_ids must have the shape (batch, sequence), neither of them 0")
        for name, array in batch.items():
            if array.shape != ids.shape or array.dtype != numpy.int64:
                raise InputError(f"{name} is {array.dtype} {array.shape}; input_ids need it int64 {ids.shape}")
        if self.max_positions is not None and ids.shape[1] > self.max_positions:
            raise InputError(f"{ids.shape[1]} tokens are more than the model's {self.max_positions}")
        if fixed is not None and ids.shape != (fixed.batch_size, fixed.sequence_length):
            raise InputError(f"prepared for {fixed}, got {ids.shape}")
        if ids.min() < 0 or ids.max() >= self.vocabulary_size:
            raise InputError(f"token ids must lie in 0 … {self.vocabulary_size - 1}")
