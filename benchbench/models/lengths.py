"""Whether a model takes texts as long as a suite asks for."""

from __future__ import annotations

from benchbench.errors import InputError
from benchbench.models.extent import longest_sequence
from benchbench.models.source import ModelSource


def check_length(source: ModelSource, tokens: int) -> None:
    """Raise `InputError` where the model has fewer positions than `tokens`."""
    longest = longest_sequence(source)
    if longest is not None and tokens > longest:
        raise InputError(f"{source.name} takes at most {longest} tokens, and the suite asks for {tokens}")
