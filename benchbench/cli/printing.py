"""Printing rows, facts and summaries, as tables or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from benchbench.report.table import Table


def print_rows(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], as_json: bool) -> None:
    if as_json:
        print(json.dumps([dict(zip(headings, row, strict=True)) for row in rows], indent=1))
    else:
        from benchbench.console import rows_table

        Console().print(rows_table(title, headings, rows))


def print_facts(facts: Mapping[str, object], as_json: bool) -> None:
    if as_json:
        print(json.dumps(dict(facts), indent=1))
    else:
        rows = [(key, value if isinstance(value, str) else json.dumps(value)) for key, value in facts.items()]
        print_rows("This machine", ("what", "found"), rows, as_json=False)


def print_table(table: Table) -> None:
    """A report's table, without its intervals."""
    from benchbench.console import rows_table

    rows = [[f"{cell.text}{cell.marks}" for cell in row] for row in table.rows]
    Console().print(rows_table(table.title, [column.heading for column in table.columns], rows))
    for note in table.notes:
        print(note)


def print_summary(folder: Path) -> None:
    """One row a model, and where the report lies."""
    from benchbench.report.render import summary
    from benchbench.store import Run

    print_table(summary(Run.open(folder)))
    print(f"report: {folder / 'report' / 'index.html'}")
