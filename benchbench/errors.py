"""Errors that speak to the person who can fix them: what, where, and what to do next; and values that are missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


class InputError(Exception):
    """Something the user gave is wrong. The message is one line; the command ends with exit code 2."""


class Unavailable(InputError):
    """Something asked for exists but cannot be had on this machine now (a hub, a target); the message says why."""


class TrainingDiverged(Exception):
    """A loss that is not a number: nothing after it means anything."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Stands where a value would be that could not be had: `X | Missing`. `reason`: one line for a reader."""

    reason: str


def unknown(kind: str, name: str, known: Iterable[str]) -> InputError:
    """An error for a name that is not in the table of `kind`s, with the nearest names that are."""
    names = sorted(known)
    nearest = get_close_matches(name, names, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(nearest)}?" if nearest else f"known: {', '.join(names)}"
    return InputError(f"unknown {kind} {name!r}: {hint}")


def one_line(error: object, most: int = 300) -> str:
    """An error's (or any) text as one line of at most `most` characters.

    The type's name stands before the message of an exception that is not one of ours, and alone where there is none.
    """
    text = " ".join(str(error).split())
    if isinstance(error, BaseException) and not isinstance(error, InputError):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return text if len(text) <= most else f"{text[: most - 1]}…"
