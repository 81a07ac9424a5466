"""Numbers for people: a unit that keeps them short, and no more digits than their interval supports."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchbench.quantities import QUANTITIES

SIGNIFICANT_DIGITS = 3
"""For a value without an interval."""

UNSTABLE = "†"
MODELLED = "*"
OWN_TEXTS = "‡"

FOOTNOTES: Mapping[str, str] = {
    UNSTABLE: f"{UNSTABLE} unstable: the interval stayed wider than the suite allows, or neighbours disturbed it",
    MODELLED: f"{MODELLED} modelled from constants or a TDP, not read from a power meter",
    OWN_TEXTS: f"{OWN_TEXTS} deployed, a query of its task's own texts; its memory and energy stand under Systems",
}
"""What each mark beside a value says."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit for display: shown value = stored value × `factor`, in `unit`."""

    factor: float
    unit: str


@dataclass(frozen=True, slots=True)
class RoundedValue:
    """A value as text without its unit, its 95 % `interval` ('' where there is none) and `marks` (see `FOOTNOTES`)."""

    text: str
    interval: str
    marks: str


_PREFIXED = {
    "B": ("B", "kB", "MB", "GB", "TB"),
    "B/s": ("B/s", "kB/s", "MB/s", "GB/s", "TB/s"),
    "FLOP": ("FLOP", "kFLOP", "MFLOP", "GFLOP", "TFLOP"),
    "FLOP/s": ("FLOP/s", "kFLOP/s", "MFLOP/s", "GFLOP/s", "TFLOP/s", "PFLOP/s"),
    "MAC": ("MAC", "kMAC", "MMAC", "GMAC", "TMAC"),
    "count": ("", "thousand", "M", "billion"),
}
_STEPPED: dict[str, tuple[Scale, ...]] = {
    "ms": (Scale(1e3, "µs"), Scale(1, "ms"), Scale(1e-3, "s")),
    "s": (Scale(1e3, "ms"), Scale(1, "s"), Scale(1 / 3600, "h")),
    "J": (Scale(1e6, "µJ"), Scale(1e3, "mJ"), Scale(1, "J"), Scale(1e-3, "kJ"), Scale(1e-6, "MJ")),
    "gCO2eq": (Scale(1e6, "µgCO2eq"), Scale(1e3, "mgCO2eq"), Scale(1, "gCO2eq"), Scale(1e-3, "kgCO2eq")),
}
_WITHOUT_UNIT = {"plain": Scale(1, ""), "share": Scale(100, "%"), "factor": Scale(1, "×")}


def scale(quantity: str, values: Iterable[float]) -> Scale:
    """The unit in which the median of `values` of `quantity` is between 1 and 1000, where there is one."""
    known = QUANTITIES[quantity]
    sizes = sorted(abs(value) for value in values if value and math.isfinite(value))
    typical = sizes[len(sizes) // 2] if sizes else 1.0
    if known.shown == "count":
        return _prefixed("count", typical)
    if known.unit == "1":
        return _WITHOUT_UNIT[known.shown]
    if known.unit in _PREFIXED:
        return _prefixed(known.unit, typical)
    steps = _STEPPED.get(known.unit, (Scale(1, known.unit),))
    fitting = [step for step in steps if typical * step.factor >= 1]
    return fitting[-1] if fitting else steps[0]


def _prefixed(unit: str, typical: float) -> Scale:
    names = _PREFIXED[unit]
    power = min(max(int(math.log10(typical) // 3), 0), len(names) - 1) if typical > 0 else 0
    return Scale(1000.0**-power, names[power])


def decimals(value: float, low: float | None = None, high: float | None = None) -> int:
    """How many digits after the point `value` deserves; negative: round to tens, hundreds….

    With an interval: the digit in which half its width begins, one more when that begins with a 1
    (the rule of the Particle Data Group, simplified); a value whose interval lies above 0 never becomes 0.
    Without: `SIGNIFICANT_DIGITS` significant digits.
    """
    half_width = abs(high - low) / 2 if low is not None and high is not None else 0.0
    if half_width > 0 and math.isfinite(half_width):
        exponent = math.floor(math.log10(half_width))
        leading = half_width / 10.0**exponent
        digits = -exponent + (1 if leading < 2 else 0)
        if low is not None and low > 0 and value > 0:
            digits = max(digits, -math.floor(math.log10(value)))
        return min(digits, 6)
    if value == 0 or not math.isfinite(value):
        return 0
    return min(SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(abs(value))), 6)


def number(value: float, digits: int) -> str:
    """`value` with `digits` decimals and thousands separated."""
    if not math.isfinite(value):
        return "–"
    text = f"{round(value, digits):,.{max(digits, 0)}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text


def exact(value: float) -> str:
    """A count without an interval: all digits of a whole number, otherwise three significant ones."""
    return f"{value:,.0f}" if float(value).is_integer() else number(value, decimals(value))


def rounded(
    value: float, low: float | None, high: float | None, unit: Scale, *, basis: str, stable: bool
) -> RoundedValue:
    """A stored value with its interval in `unit`, with the digits that it deserves. `basis`: one of `Basis`."""
    marks = ("" if stable else UNSTABLE) + (MODELLED if basis == "modelled" else "")
    shown = value * unit.factor
    if low is None or high is None:
        return RoundedValue(_counted(shown) if basis == "counted" else number(shown, decimals(shown)), "", marks)
    low, high = low * unit.factor, high * unit.factor
    digits = decimals(shown, low, high)
    to = " to " if low < 0 else "–"  # a dash beside a minus is not read
    return RoundedValue(number(shown, digits), f"{number(low, digits)}{to}{number(high, digits)}", marks)


def _counted(shown: float) -> str:
    """Counts are exact; four significant digits tell models apart."""
    return exact(shown) if float(shown).is_integer() else number(shown, decimals(shown) + 1)
