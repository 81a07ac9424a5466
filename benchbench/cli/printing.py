"""Printing rows, facts and summaries, as tables or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from benchbench.report.tables.table import Table

_MODELS_ABREAST = 3  # fit a terminal of 80 columns


def print_rows(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], as_json: bool) -> None:
    if as_json:
        print(json.dumps([dict(zip(headings, row, strict=True)) for row in rows], indent=1))
    else:
        from benchbench.cli.terminal import rows_table

        Console().print(rows_table(title, headings, rows))


def print_facts(facts: Mapping[str, object], as_json: bool) -> None:
    if as_json:
        print(json.dumps(dict(facts), indent=1))
    else:
        rows = [(key, value if isinstance(value, str) else json.dumps(value)) for key, value in facts.items()]
        print_rows("This machine", ("what", "found"), rows, as_json=False)


def print_table(table: Table) -> None:
    """A report's table, without its intervals."""
    from benchbench.cli.terminal import rows_table

    rows = [[f"{entry.text}{entry.marks}" for entry in row] for row in table.rows]
    Console().print(rows_table(table.title, [column.heading for column in table.columns], rows))
    for note in table.notes:
        print(note)


def print_summary(folder: Path) -> None:
    """The run at a glance, a column for each model, and where the report lies."""
    from benchbench.report.pages.render import summary
    from benchbench.runs.folder import Run

    found = summary(Run.open(folder))
    headings = [column.heading for column in found.columns]
    models = [[f"{entry.text}{entry.marks}" for entry in row] for row in found.rows]
    for start in range(0, len(models), _MODELS_ABREAST):
        _print_side_by_side(found.title, headings, models[start : start + _MODELS_ABREAST])
    for note in found.notes:
        print(note)
    print(f"report: {folder / 'report' / 'index.html'}")


def _print_side_by_side(title: str, headings: Sequence[str], models: Sequence[Sequence[str]]) -> None:
    """The lines in which at least one of the `models` has something to say."""
    from benchbench.cli.terminal import rows_table
    from benchbench.report.tables.table import ABSENT

    lines = [list(line) for line in zip(headings, *models, strict=True)]
    said = [line for line in lines[1:] if any(text != ABSENT for text in line[1:])]
    Console().print(rows_table(title, lines[0], said))
