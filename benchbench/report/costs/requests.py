"""How many requests: as a person writes it, 10M, and as it is shown."""

from __future__ import annotations

import math

from benchbench.errors import InputError
from benchbench.rounding import decimals, number

PREFIXES = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}

_ROUNDS_UP = 1.0005
"""From 999.6 on, three digits are a thousand."""


def requests_from(text: str) -> float:
    """'250', '10k', '1.5M' or '2G' as a number. Raises `InputError` in one line."""
    written = text.strip().replace(",", "")
    prefix = written[-1:] if written[-1:] in PREFIXES else ""
    try:
        found = float(written.removesuffix(prefix)) * PREFIXES[prefix]
    except ValueError:
        found = math.nan
    if not (math.isfinite(found) and found >= 0):
        raise InputError(f"a number of requests is written 250, 10k, 1.5M or 2G, not {text!r}")
    return found


def requests_in_words(value: float, low: float | None = None, high: float | None = None) -> tuple[str, str]:
    """A number of requests and its interval ('' where there is none), both with the prefix that keeps it short."""
    prefix = next((name for name, size in reversed(PREFIXES.items()) if value * _ROUNDS_UP >= size), "")
    shown, *ends = (None if v is None else v / PREFIXES[prefix] for v in (value, low, high))
    assert shown is not None
    if ends[0] is None or ends[1] is None:
        text = number(shown, decimals(shown))
        return f"{text.rstrip('0').rstrip('.') if '.' in text else text}{prefix}", ""
    digits = decimals(shown, *ends)
    return f"{number(shown, digits)}{prefix}", f"{number(ends[0], digits)}–{number(ends[1], digits)}{prefix}"
