"""What happens while a plan runs, as events for whoever wants to know, and how long the rest will take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from benchbench.execution.estimate import Expected
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


_PRIOR_CELLS, _PRIOR_CELLS_OF_OTHERS = 0.25, 1.0
"""What an estimate is worth beside cells that have ended: as much as so many of its kind, and of all kinds."""


@dataclass
class Pace:
    """Cells that wait, run and have ended; several may run at once. `estimates`: by cell id.

    What a suite asks for takes as long as it says. The rest of a cell takes as many times its estimate as it took in
    ended cells of its kind; where few have ended, the other kinds count too, and then the estimate itself. Points of
    time are seconds of any one clock.
    """

    estimates: Mapping[str, Expected]
    running: dict[str, Running] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    _taken: dict[str, float] = field(default_factory=dict)  # by cell that finished, without what was asked for
    _side_by_side: int = 1

    def start(self, cell: Cell, now: float) -> None:
        self.running[cell.id] = Running(cell, now)
        self._side_by_side = max(self._side_by_side, len(self.running))

    def end(self, record: Record) -> None:
        """A cell that failed says nothing about how long the others take."""
        self.running.pop(record.cell, None)
        self.ended.add(record.cell)
        if record.failure is None:
            self._taken[record.cell] = max(0.0, seconds_taken(record) - self.estimates[record.cell].asked)

    def seconds_left(self, now: float) -> float:
        """What has not ended, on as many places as were busy at once."""
        left = {cell: self._seconds(expected) for cell, expected in self.estimates.items() if cell not in self.ended}
        for cell, running in self.running.items():
            left[cell] = max(0.0, left[cell] - (now - running.since))
        return sum(left.values()) / self._side_by_side

    def _seconds(self, expected: Expected) -> float:
        overall = self._late(list(self._taken), 1.0, _PRIOR_CELLS_OF_OTHERS)
        of_kind = [cell for cell in self._taken if self.estimates[cell].kind == expected.kind]
        return expected.asked + expected.other * self._late(of_kind, overall, _PRIOR_CELLS)

    def _late(self, cells: Sequence[str], before: float, prior_cells: float) -> float:
        """How many times their estimates `cells` took, where `before` is worth as much as `prior_cells` of them."""
        estimated = sum(self.estimates[cell].other for cell in cells)
        if not estimated:
            return before
        prior = prior_cells * estimated / len(cells)
        return (sum(self._taken[cell] for cell in cells) + prior * before) / (estimated + prior)


@dataclass(frozen=True, slots=True)
class Running:
    cell: Cell
    since: float


def seconds_taken(record: Record) -> float:
    """How long a cell took, on whichever machine it ran."""
    return (datetime.fromisoformat(record.finished) - datetime.fromisoformat(record.started)).total_seconds()
