"""What a person sees in the terminal: the plan, the progress, the summary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from time import monotonic
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from benchbench.execution.estimate import Expected
from benchbench.execution.plan import Cell
from benchbench.execution.progress import CellEnded, CellStarted, Event, Pace, StepEnded, StepStarted, seconds_taken
from benchbench.records import FailureKind, Record

_MOST_ROWS = 200


class CellBar:
    """A bar over cells: those that run, time spent, time left; below it the step that a notebook here is at.

    What a cell found is told as it ends. Without a terminal (a log file, CI) a line says that it begins instead.
    `tell` takes a run's events.
    """

    def __init__(
        self,
        console: Console,
        cells: Sequence[Cell],
        estimates: Sequence[Expected],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._console = console
        self._clock = clock
        self._pace = Pace({cell.id: expected for cell, expected in zip(cells, estimates, strict=True)})
        self._count = len(cells)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
        )
        self._task = self._bar.add_task("", total=self._count, left="")
        self._step = Text()
        self._live = Live(Group(self._bar, self._step), console=console, refresh_per_second=4, transient=True)

    def __enter__(self) -> CellBar:
        if self._console.is_terminal and self._count:
            self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live.is_started:
            self._live.__exit__(kind, value, trace)

    def tell(self, event: Event) -> None:
        match event:
            case CellStarted(cell):
                self._started(cell)
            case StepStarted(_, step):
                self._step.plain = f"  step {step.number} of {step.count}: {step.title}"
            case StepEnded():
                self._step.plain = ""
            case CellEnded(cell, record):
                self._ended(cell, record)
        self._update()

    def _started(self, cell: Cell) -> None:
        self._pace.start(cell, self._clock())
        if not self._live.is_started:
            place = len(self._pace.ended) + len(self._pace.running)
            self._say(f"[{place}/{self._count}] {_name(cell)} ({self._left()})")

    def _ended(self, cell: Cell, record: Record) -> None:
        self._pace.end(record)
        took = _duration(seconds_taken(record))
        if record.failure is None:
            self._say(f"  done:   {_name(cell)} in {took}")
            self._found(record)
        elif record.failure.kind is FailureKind.NOT_RUN:
            self._say(f"  not run: {_name(cell)}: {record.failure.reason}")
        else:
            self._say(f"  failed: {_name(cell)} after {took}: {record.failure.reason}")

    def _found(self, record: Record) -> None:
        from benchbench.report.headlines import of_cell  # pandas, which no other command that prints a table needs

        for line in of_cell.lines(record):
            self._say(f"    {line}")

    def _update(self) -> None:
        names = [_name(running.cell) for running in self._pace.running.values()]
        shown = names[0] if len(names) == 1 else f"{len(names)} cells at once" if names else ""
        self._bar.update(self._task, completed=len(self._pace.ended), description=escape(shown), left=self._left())

    def _left(self) -> str:
        return f"about {_duration(self._pace.seconds_left(self._clock()))} left"

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, soft_wrap=True)


def plan_table(cells: Sequence[tuple[Cell, bool, float]]) -> Table:
    """The plan as a table: each cell, whether it is finished already, its estimated time; below it, all in a line.

    Of a long plan, the first `_MOST_ROWS` cells.
    """
    finished = sum(kept for _, kept, _ in cells)
    left = sum(seconds for _, kept, seconds in cells if not kept)
    said = f"{len(cells):,} cells, {finished:,} finished, about {_duration(left)} left"
    cut = len(cells) - _MOST_ROWS
    table = Table(title="Plan", caption=f"… and {cut:,} more. {said}" if cut > 0 else said)
    for heading in ("study", "cell", "state"):
        table.add_column(heading)
    table.add_column("estimate", justify="right")
    for cell, kept, seconds in cells[:_MOST_ROWS]:
        table.add_row(
            cell.study, Text(cell.title), "finished" if kept else "to run", "" if kept else _duration(seconds)
        )
    return table


def rows_table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A plain table of strings, none of them read as markup."""
    table = Table(title=title)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _name(cell: Cell) -> str:
    return f"{cell.study}: {cell.title}"


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds))).removeprefix("0:")
