"""What is known about a quantity: one type, one row for each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Basis(StrEnum):
    """Where a value comes from."""

    MEASURED = "measured"  # a clock, a counter, a power meter
    COUNTED = "counted"  # FLOPs, parameters
    MODELLED = "modelled"  # power from a TDP or a constant
    PUBLISHED = "published"  # from a paper


Direction = Literal["lower", "higher", "neither"]
Shown = Literal["plain", "count", "share", "factor"]
"""How a value without a unit is shown: as it is, in thousands and millions, in per cent, or as '2.5 ×'."""

Dependence = Literal["model", "task", "shape", "machine"]


@dataclass(frozen=True, slots=True)
class Method:
    """How a family of quantities is made, in a sentence or two. `title` heads it in the report."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A kind of value: its unit, which direction is better, and all else that is known of it.

    `title`: for people. `method`: how its values are made. `shown`: how a value of unit '1' is written. `score`: it
    says how well a model does a task, best at 1. `depends_on`: what has to be the same for two values to be the same
    thing; a value that does not depend on the machine is compared across machines, and any difference in it is real.
    `percentile`: which one it is (0 to 100), of those that there are.
    """

    name: str
    unit: str
    better: Direction
    title: str
    method: Method
    depends_on: frozenset[Dependence]
    shown: Shown = "plain"
    score: bool = False
    percentile: float | None = None

    @property
    def depends_on_machine(self) -> bool:
        return "machine" in self.depends_on
