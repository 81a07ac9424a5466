"""What a person sees in the terminal: the plan, the progress, the summary."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import timedelta
from time import monotonic
from types import TracebackType
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from benchbench.execution.plan import Cell
from benchbench.records import Record

_MOST_ROWS = 200


class NotebookBar(io.StringIO):
    """Takes papermill's own bar, line by line as tqdm redraws it, and shows the newest under the bar over cells."""

    def __init__(self, text: Text) -> None:
        super().__init__()
        self._text = text

    def write(self, s: str) -> int:
        line = s.replace("\r", "").strip("\n\x1b[A ")
        if line:
            self._text.plain = f"  {line}"
        return len(s)


class CellBar:
    """A bar over cells: the current one, time spent, time left (the estimates, scaled to the pace so far).

    Without a terminal (a log file, CI) each cell is a line instead.
    """

    def __init__(self, console: Console, cells: Sequence[Cell], estimates: Sequence[float]) -> None:
        self._console = console
        self._left = {cell.id: seconds for cell, seconds in zip(cells, estimates, strict=True)}
        self._estimated_done = 0.0
        self._start = monotonic()
        self._cell_start = self._start
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
        self._notebook = Text()
        self._live = Live(Group(self._bar, self._notebook), console=console, refresh_per_second=4, transient=True)

    def __enter__(self) -> CellBar:
        if self._console.is_terminal and self._count:
            self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live.is_started:
            self._live.__exit__(kind, value, trace)

    def started(self, cell: Cell) -> TextIO | None:
        self._cell_start = monotonic()
        left = f"about {_duration(self._seconds_left())} left"
        if not self._live.is_started:
            done = self._count - len(self._left)
            self._console.print(f"[{done + 1}/{self._count}] {cell.study}: {cell.title} ({left})", markup=False)
            return None
        self._bar.update(self._task, description=f"{cell.study}: {escape(cell.title)}", left=left)
        return NotebookBar(self._notebook)

    def ended(self, cell: Cell, record: Record) -> None:
        self._estimated_done += self._left.pop(cell.id)
        took = _duration(monotonic() - self._cell_start)
        if record.failure:
            self._console.print(
                f"  failed: {cell.study}: {cell.title} after {took}: {record.failure.reason}", markup=False
            )
        else:
            self._console.print(f"  done:   {cell.study}: {cell.title} in {took}", markup=False)
        self._bar.advance(self._task)

    def _seconds_left(self) -> float:
        pace = (monotonic() - self._start) / self._estimated_done if self._estimated_done else 1.0
        return sum(self._left.values()) * pace


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


def _duration(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds))).removeprefix("0:")
