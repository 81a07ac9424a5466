"""The labels of a user's own table: how they are written, which rows have none, and which one is the positive."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from benchbench.errors import InputError

NO_LABEL = ("-", "-1")
"""What stands for 'no gold label' in published data (SNLI, GLUE), unless it is one of the labels."""

_MOST_LABELS = 1000  # more distinct labels than this are scores or texts, not classes
_NEGATIVE_AND_POSITIVE = {
    ("0", "1"),
    ("-1", "1"),
    ("-", "+"),
    ("no", "yes"),
    ("n", "y"),
    ("false", "true"),
    ("f", "t"),
    ("neg", "pos"),
    ("negative", "positive"),
    ("ham", "spam"),
}


@dataclass(frozen=True, slots=True)
class Labels:
    """`names`: in the order of their numbers. `none`: values of rows without a gold label."""

    names: tuple[str, ...]
    none: frozenset[str]


def word(value: Any, where: str) -> str:
    """A label as it is written, without spaces around it. Raises `InputError` for what is none."""
    text = "" if isinstance(value, float | list | dict) else written(value)
    if not text:
        hint = "for a list of labels say multi_label: true" if isinstance(value, list) else "rows without one: no_label"
        raise InputError(f"{where}: {repr(value)[:50]} is no label; labels are words or whole numbers ({hint})")
    return text


def several(value: Any, separator: str | None, where: str) -> list[str]:
    """The labels of an example that may have any number of them: a list, or a text with a separator between them.

    Raises `InputError` for what is neither.
    """
    if isinstance(value, str) and separator is not None:
        value = [part for part in value.split(separator) if part.strip()]
    if not isinstance(value, list):
        hint = "" if separator else "; for a text say what is between its labels, as 'label_separator: \";\"'"
        raise InputError(f"{where}: {repr(value)[:50]} is no list of labels{hint}")
    return [word(part, where) for part in value]


def written(value: Any) -> str:
    """How a value stands in a table; no value is an empty text."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value).strip()


def given(names: tuple[str, ...], none: Collection[str] | None) -> Labels:
    """The labels that the user names; `none` is None where the user does not say what means 'no label'."""
    return Labels(names, frozenset(NO_LABEL if none is None else none) - set(names))


def found(words: Collection[str], none: Collection[str] | None, where: str) -> Labels:
    """The labels among the different `words` of a training file.

    Numbers are in their order, all else in that of the alphabet. Raises `InputError` for fewer than two labels, for a
    thousand, and for a -1 that may be a class or not.
    """
    missing = _missing(set(words), where) if none is None else frozenset(none)
    names = set(words) - missing
    if len(names) > _MOST_LABELS:
        raise InputError(f"{where}: more than {_MOST_LABELS} different labels; is this a regression?")
    if len(names) < 2:
        raise InputError(f"{where}: {len(names)} different labels; at least 2 are needed")
    numbers = all(_is_number(name) for name in names)
    return Labels(tuple(sorted(names, key=int) if numbers else sorted(names)), missing)


def positive(names: tuple[str, ...], wanted: str | None, *, ordered: bool, where: str) -> int:
    """The number of the label that F1 of two labels is about.

    `wanted`: the user's choice. `ordered`: the user has put the labels in order, so that the second is meant. Raises
    `InputError` where nobody says which it is.
    """
    if wanted is not None:
        if wanted not in names:
            raise InputError(f"{where}: positive: {wanted!r} is none of the labels {', '.join(names)[:200]}")
        return names.index(wanted)
    if ordered:
        return 1
    for number, (one, other) in enumerate((names, names[::-1])):
        if _is_negation(other, one) or (other.lower(), one.lower()) in _NEGATIVE_AND_POSITIVE:
            return number
    raise InputError(f"{where}: F1 is that of one label: say 'positive: {names[0]}' or 'positive: {names[1]}'")


def _missing(words: set[str], where: str) -> frozenset[str]:
    """Which of the words that mean 'no label' in published data do so beside these others."""
    rest = words - set(NO_LABEL)
    missing = set(NO_LABEL)
    if "+" in rest:
        missing.discard("-")
    if "-1" in words and _is_class(rest, where):
        missing.discard("-1")
    return frozenset(missing)


def _is_class(rest: set[str], where: str) -> bool:
    """Whether -1 is a class beside these other labels. Raises `InputError` where it may well be or not."""
    if not all(_is_number(word) for word in rest):
        return False
    if rest == {"1"} or any(int(word) < -1 for word in rest):
        return True
    if len(rest) > 2 and {int(word) for word in rest} == set(range(len(rest))):
        return False
    classes = ", ".join(sorted((*rest, "-1"), key=int)[:20])
    raise InputError(
        f"{where}: does -1 mean 'no label', or is it a class? Say 'no_label: [-1]' or 'labels: [{classes}]'"
    )


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isdecimal()


def _is_negation(one: str, other: str) -> bool:
    """Whether label `one` says that `other` is not the case: 'not cancer', 'non-toxic', 'no_fire'."""
    plain, of = (text.lower().replace("-", " ").replace("_", " ") for text in (one, other))
    return plain in {f"{negation} {of}" for negation in ("not", "no", "non")} or plain == f"non{of}"
