"""How a finding is said in one sentence, in the terminal as on the page."""

from __future__ import annotations

from dataclasses import dataclass

from benchbench.report.view import Estimate, Shape
from benchbench.rounding import rounded, scale

AT = " on "
"""In a baseline, between a model and the target that it runs on, where that is another one."""


@dataclass(frozen=True, slots=True)
class Headline:
    """A sentence without its full stop. `evidence`: the id of what shows it on the page, a table's or a section's."""

    text: str
    evidence: str


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where two models were timed in turn: a target, and the shape of a query."""

    where: str
    batch_size: int
    sequence_length: int

    @property
    def shape(self) -> Shape:
        return Shape(self.batch_size, self.sequence_length)

    def __str__(self) -> str:
        return f"{self.where}, {self.batch_size} × {self.sequence_length}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`ratio`: how many times as fast as `baseline` the `model` is at `place`, paired."""

    model: str
    baseline: str
    place: Place
    ratio: Estimate

    @property
    def faster(self) -> bool:
        """Whether the whole interval says so; without one nothing does."""
        return self.ratio.low is not None and self.ratio.low > 1

    @property
    def undecided(self) -> bool:
        low, high = self.ratio.low, self.ratio.high
        return low is None or high is None or low <= 1 <= high

    def __str__(self) -> str:
        open_ = ": undecided" if self.undecided else ""
        if AT in self.baseline:
            shape = f"{self.place.batch_size} × {self.place.sequence_length}"
            return f"{self.model} on {self.place.where} is {self.times} as fast as {self.baseline}, {shape}{open_}"
        return f"{self.model} is {self.times} as fast as {self.baseline} on {self.place}{open_}"

    @property
    def times(self) -> str:
        return value_words("speedup", self.ratio)


def value_words(quantity: str, value: Estimate) -> str:
    """A value with its unit and its interval, and with a word where it is not to be relied on."""
    unit = scale(quantity, [value.value])
    found = rounded(value.value, value.low, value.high, unit, basis=value.basis, stable=value.stable)
    said = [found.interval or ("" if value.basis == "counted" else "no interval"), "" if value.stable else "unstable"]
    behind = ", ".join(part for part in said if part)
    name = unit.unit if unit.unit in ("", "×") else f" {unit.unit}"
    return f"{found.text}{name}{f' ({behind})' if behind else ''}"
