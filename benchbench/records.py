"""What lies on disk: a record with its measurements, and what each of them belongs to.

Imports neither torch nor pandas, so that reading a record costs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from benchbench.quantities import QUANTITIES, Basis

REALISTIC = "realistic lengths"
"""The `part` of a subject whose queries are as long as a task's texts, not of one shape."""

ONE_ANSWER = "the same answer to every example: training did not converge"
"""The `note` of a score that says nothing about the model."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a value belongs to. Fields that do not apply are None.

    `weights` and `data` always say what they are: 'random', 'hub:ID@REVISION', 'local:NAME' and
    'synthetic', 'hub:ID@REVISION', 'local:NAME'. `baseline` is the model that a paired ratio divides by
    ('model' or 'model on target'). `scenario` is 'single-stream', 'offline', 'server' or None.
    `recipe` names the way of training, where a suite compares several.
    `part` names a slice of the whole: a layer type, a training step, a grid, a metric's split.
    """

    model: str | None = None
    weights: str | None = None
    task: str | None = None
    data: str | None = None
    target: str | None = None
    scenario: str | None = None
    batch_size: int | None = None
    sequence_length: int | None = None
    seed: int | None = None
    baseline: str | None = None
    recipe: str | None = None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value of one quantity (in the unit that `QUANTITIES` gives) for one subject.

    `ci_low`, `ci_high`: a 95 % interval, None where there is none. `samples`: how many observations stand
    behind the value. `stable` is False when the interval stayed wider than the suite allows.
    """

    subject: Subject
    quantity: str
    value: float
    basis: Basis
    samples: int = 1
    ci_low: float | None = None
    ci_high: float | None = None
    stable: bool = True
    note: str = ""

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES:
            raise ValueError(f"unknown quantity {self.quantity!r}")
        if not math.isfinite(self.value):
            raise ValueError(f"{self.quantity} of {self.subject.model} is {self.value}, not a finite number")

    @property
    def unit(self) -> str:
        return QUANTITIES[self.quantity].unit


@dataclass(frozen=True, slots=True)
class Absence:
    """A value that could not be had, with the reason: shown where the number would be."""

    subject: Subject
    reason: str

    @property
    def whole_target(self) -> bool:
        """Whether nothing at all could be had on the subject's target: no model, no part, no scenario narrows it."""
        narrowed = self.subject.model or self.subject.part or self.subject.scenario
        return self.subject.target is not None and not narrowed


@dataclass(frozen=True, slots=True)
class Findings:
    """What a study hands to its notebook: measurements, what is absent, and facts a reader needs.

    `facts` is plain JSON (settings used, constants of the power model, learning curves, library versions).
    """

    measurements: tuple[Measurement, ...]
    absences: tuple[Absence, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)


def join(parts: Iterable[Findings]) -> Findings:
    """Several findings as one; facts of later parts win on equal keys, facts that are mappings are joined."""
    parts = tuple(parts)
    facts: dict[str, object] = {}
    for part in parts:
        for name, fact in part.facts.items():
            known = facts.get(name)
            facts[name] = {**known, **fact} if isinstance(known, Mapping) and isinstance(fact, Mapping) else fact
    return Findings(
        measurements=tuple(m for part in parts for m in part.measurements),
        absences=tuple(a for part in parts for a in part.absences),
        facts=facts,
    )


Study = Literal["quality", "efficiency"]
Outcome = Literal["finished", "failed"]


@dataclass(frozen=True, slots=True)
class Record:
    """One cell's findings, with what it was and where it came from.

    `parameters`: what the notebook was given, local folders by name only. `started`, `finished`: UTC, ISO 8601.
    `provenance`: versions, hashes and the machine, never environment variables, user names or home paths.
    `reason`: for a failed cell, one line.
    """

    cell: str
    study: Study
    parameters: Mapping[str, object]
    outcome: Outcome
    started: str
    finished: str
    provenance: Mapping[str, object]
    findings: Findings = Findings(measurements=())
    reason: str = ""
