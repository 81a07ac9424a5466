"""How long a text a model takes, by its own tables of positions."""

from __future__ import annotations

from benchbench.models import loading
from benchbench.models.source import ModelSource


def longest_sequence(source: ModelSource) -> int | None:
    """The most tokens of one text; None for a model whose configuration names no bound.

    RoBERTa and its kin number positions from behind the padding's: of 514 positions 512 are for tokens.
    """
    positions = getattr(loading.config(source), "max_position_embeddings", None)
    return None if positions is None or positions < 1 else int(positions) - _kept_for_padding(source)


def _kept_for_padding(source: ModelSource) -> int:
    """A table of positions that has a row for padding is used from the row after it on."""
    for name, module in loading.skeleton(source).named_modules():
        padding = getattr(module, "padding_idx", None)
        if name.rpartition(".")[2] == "position_embeddings" and padding is not None:
            return int(padding) + 1
    return 0
