from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from example_runs import write_run

from benchbench.records import Record
from benchbench.report.pages.render import render
from benchbench.runs.folder import Run


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Run]:
    """`make_run(records, name)`: a run folder of its own, by default a small complete run."""

    def make(records: Sequence[Record] | None = None, name: str = "example") -> Run:
        return write_run(tmp_path / name, records)

    return make


@pytest.fixture(scope="session")
def example_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The small complete run with its report, shared by tests that only read it."""
    run = write_run(tmp_path_factory.mktemp("shared") / "example")
    render(run)
    return run


@pytest.fixture(scope="session")
def example_page(example_run: Run) -> Path:
    return example_run.folder / "report" / "index.html"
