"""What happens while a plan runs, as events: for the terminal, or for nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchbench.execution.plan import Cell
from benchbench.records import Record


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a notebook: the `number`th of `count`, under the heading `title` ('' before the first)."""

    number: int
    count: int
    title: str


@dataclass(frozen=True, slots=True)
class CellStarted:
    """`cell` begins, here or on a node of a cluster. Several may be running at once."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class StepStarted:
    """The notebook of `cell`, running here, begins `step`."""

    cell: Cell
    step: Step


@dataclass(frozen=True, slots=True)
class StepEnded:
    """The notebook of `cell`, running here, is through `step`, failed or not."""

    cell: Cell
    step: Step


@dataclass(frozen=True, slots=True)
class CellEnded:
    """`cell` has its `record` on disk; one that nothing could run has ended without having started."""

    cell: Cell
    record: Record


Event = CellStarted | StepStarted | StepEnded | CellEnded

Progress = Callable[[Event], None]
"""Who is told how a run goes."""
