"""Scores, which are what a regression learns: finite numbers."""

from __future__ import annotations

import math
from typing import Any

from benchbench.errors import InputError


def number(value: Any, where: str) -> float:
    """A score. Raises `InputError` for what is none, for nan and for infinity."""
    try:
        found = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise InputError(f"{where}: the score {str(value)[:50]!r} is not a number")
    return found
