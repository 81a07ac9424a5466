from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from example_runs import write_run

from benchbench.measurement import Record
from benchbench.store import Run


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Run]:
    """`make_run(records, name)`: a run folder of its own, by default a small complete run."""

    def make(records: Sequence[Record] | None = None, name: str = "example") -> Run:
        return write_run(tmp_path / name, records)

    return make
