"""Errors that speak to the person who can fix them: what, where, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class InputError(Exception):
    """Something the user gave is wrong. The message is one line; the command ends with exit code 2."""


class Unavailable(InputError):
    """Something asked for exists but cannot be had on this machine now (a hub, a target); the message says why."""


def unknown(kind: str, name: str, known: Iterable[str]) -> InputError:
    """An error for a name that is not in the table of `kind`s, with the nearest names that are."""
    names = sorted(known)
    nearest = get_close_matches(name, names, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(nearest)}?" if nearest else f"known: {', '.join(names)}"
    return InputError(f"unknown {kind} {name!r}: {hint}")
