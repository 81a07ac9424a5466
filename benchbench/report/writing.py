"""All that is derived from a run's records, written into its folder: tables, report, checksums."""

from __future__ import annotations

from pathlib import Path

from benchbench.runs import checksums
from benchbench.runs.folder import Run
from benchbench.runs.writer import write_tables


def write_without_report(run: Run) -> None:
    """Write the tables of `run` alone, which needs no library of figures."""
    write_tables(run)
    checksums.write(run.folder)


def write_report(run: Run, claims: Path | None = None) -> Path:
    """Write the tables and the report of `run`, with `claims` of one's own tested too; returns the page's path.

    Raises `InputError` when the file of claims is none or the folder cannot be written.
    """
    from benchbench.report.pages.render import render

    write_tables(run)
    page = render(run, claims)
    checksums.write(run.folder)
    return page
