"""What happens while a plan runs, as events for whoever wants to know, and how long the rest will take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from benchbench.execution.plan import Cell
from benchbench.records import FailureKind, Record


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


@dataclass
class Pace:
    """Cells that wait, run and have ended; several may run at once. `estimates`: seconds, by cell id.

    Points of time are seconds of any one clock.
    """

    estimates: Mapping[str, float]
    running: dict[str, Running] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    _estimated: float = 0.0  # of the cells that ran
    _taken: float = 0.0
    _side_by_side: int = 1

    def start(self, cell: Cell, now: float) -> None:
        self.running[cell.id] = Running(cell, now)
        self._side_by_side = max(self._side_by_side, len(self.running))

    def end(self, record: Record) -> None:
        """A cell that nothing could run says nothing about how fast the others are."""
        self.running.pop(record.cell, None)
        self.ended.add(record.cell)
        if not (record.failure and record.failure.kind is FailureKind.NOT_RUN):
            self._estimated += self.estimates[record.cell]
            self._taken += seconds_taken(record)

    def seconds_left(self, now: float) -> float:
        """The estimates of what has not ended, scaled to how long ended cells took, on as many places as were busy."""
        scale = self._taken / self._estimated if self._estimated else 1.0
        waiting = sum(
            seconds for cell, seconds in self.estimates.items() if cell not in self.ended and cell not in self.running
        )
        begun = sum(
            max(0.0, self.estimates[cell] * scale - (now - running.since)) for cell, running in self.running.items()
        )
        return (waiting * scale + begun) / self._side_by_side


@dataclass(frozen=True, slots=True)
class Running:
    cell: Cell
    since: float


def seconds_taken(record: Record) -> float:
    """How long a cell took, on whichever machine it ran."""
    return (datetime.fromisoformat(record.finished) - datetime.fromisoformat(record.started)).total_seconds()
