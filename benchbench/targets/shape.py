"""The shape of a query, and what a query holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy

Batch = Mapping[str, "numpy.ndarray"]
"""Model inputs by name (`input_ids`, `attention_mask`, `token_type_ids`), each int64 of shape (batch, sequence)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of one query: `batch_size` examples of `sequence_length` tokens each."""

    batch_size: int
    sequence_length: int
