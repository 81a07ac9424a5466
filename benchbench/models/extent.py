"""How large a model is and how long a text it takes, from its configuration: no weights are read or drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchbench.errors import InputError
from benchbench.models import loading, zoo
from benchbench.models.source import ModelSource
from benchbench.places import RANDOM

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True)
class Extent:
    """`parameters`: all of them; `outside_embeddings`: without the tables of tokens, positions and types.

    `longest_sequence`: the most tokens of one text; None for a model whose configuration names no bound.
    """

    parameters: int
    outside_embeddings: int
    longest_sequence: int | None


def extent(source: ModelSource) -> Extent:
    """The extent of a model with its head."""
    from torch import nn

    module = loading.skeleton(source)
    tables = {id(p): p.numel() for m in module.modules() if isinstance(m, nn.Embedding) for p in m.parameters()}
    parameters = sum(p.numel() for p in module.parameters())
    return Extent(parameters, parameters - sum(tables.values()), _longest(source, module))


def longest_sequence(source: ModelSource) -> int | None:
    """`Extent.longest_sequence` of a model: of the zoo from its row, where that says it, without building anything."""
    row = zoo.find(source.model) if source.weights.path is None else None
    return (row and row.longest_sequence) or _longest(source, loading.skeleton(source))


def vocabulary_size(source: ModelSource) -> int:
    """How many tokens a model knows: of the zoo from its row, where that says it, without a library of models."""
    row = zoo.find(source.model) if source.weights == RANDOM else None
    known = row and row.config.get("vocab_size")
    return known if isinstance(known, int) else int(loading.config(source).vocab_size)


def _longest(source: ModelSource, module: nn.Module) -> int | None:
    """RoBERTa and its kin number positions from behind the padding's: of 514 positions 512 are for tokens."""
    positions = getattr(loading.config(source), "max_position_embeddings", None)
    return None if positions is None or positions < 1 else int(positions) - _kept_for_padding(module)


def _kept_for_padding(module: nn.Module) -> int:
    """A table of positions that has a row for padding is used from the row after it on."""
    for name, part in module.named_modules():
        padding = getattr(part, "padding_idx", None)
        if name.rpartition(".")[2] == "position_embeddings" and padding is not None:
            return int(padding) + 1
    return 0


def check_length(source: ModelSource, tokens: int) -> None:
    """Raise `InputError` where the model has fewer positions than `tokens`."""
    longest = longest_sequence(source)
    if longest is not None and tokens > longest:
        raise InputError(f"{source.name} takes at most {longest} tokens, and the suite asks for {tokens}")
