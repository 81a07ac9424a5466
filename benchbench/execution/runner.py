"""Running a plan: each cell once, its record written before the next begins."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TextIO

import benchbench
from benchbench.execution import notebook, provenance
from benchbench.execution.fingerprints import Fingerprints
from benchbench.execution.plan import Cell
from benchbench.execution.redaction import Redaction
from benchbench.measurement import Record
from benchbench.store import Run


class Progress(Protocol):
    """Who is told how a run goes; the console, or nobody."""

    def started(self, cell: Cell) -> TextIO | None:
        """`cell` begins. Returns where papermill's own bar goes, None for nowhere."""
        ...

    def ended(self, cell: Cell, record: Record) -> None:
        """`cell` has its record on disk."""
        ...


@dataclass(frozen=True)
class Runner:
    """What all cells of a run share. `shared_provenance` stands in every record."""

    run: Run
    fingerprints: Fingerprints
    redact: Redaction
    shared_provenance: Mapping[str, object]
    time_limit_seconds: float | None = None

    def execute(self, cells: Sequence[Cell], progress: Progress) -> tuple[Record, ...]:
        """Run `cells` one after the other. A cell that fails is recorded with its reason; the others go on."""
        records = []
        for cell in cells:
            record = self.execute_cell(cell, progress.started(cell))
            self.run.write_record(record)
            progress.ended(cell, record)
            records.append(record)
        return tuple(records)

    def execute_cell(self, cell: Cell, progress: TextIO | None = None) -> Record:
        """Run one cell in a kernel of its own; its executed notebook stays in the run folder."""
        started = _now()
        execution = notebook.execute(
            self.fingerprints.notebooks / f"{cell.study}.ipynb",
            self.run.notebook_path(cell.id),
            cell.parameters.model_dump(mode="json"),
            redact=self.redact,
            time_limit_seconds=self.time_limit_seconds,
            progress=progress,
        )
        findings = {} if execution.findings is None else {"findings": execution.findings}
        return Record(
            cell=cell.id,
            study=cell.study,
            parameters=self.redact.tree(cell.parameters.model_dump(mode="json")),
            outcome="failed" if execution.findings is None else "finished",
            reason=execution.reason,
            started=started,
            finished=_now(),
            provenance={**self.shared_provenance, "notebook_sha256": self.fingerprints.notebook(cell.study)},
            **findings,
        )


def shared_provenance(suite_sha256: str, machine_id: str, machine: Mapping[str, object]) -> Mapping[str, object]:
    """The part of the provenance that is the same for all cells of one invocation."""
    return {
        "suite_sha256": suite_sha256,
        "benchbench": benchbench.__version__,
        "commit": provenance.git_commit(),
        "versions": provenance.library_versions(),
        "machine_id": machine_id,
        "machine": json.loads(json.dumps(machine)),
    }


def unfinished(run: Run, cells: Sequence[Cell], retry_failed: bool = False) -> tuple[Cell, ...]:
    """The cells that have no record yet, or only a failed one if `retry_failed`."""

    def done(cell: Cell) -> bool:
        record = run.record(cell.id)
        return record is not None and not (retry_failed and record.outcome == "failed")

    return tuple(cell for cell in cells if not done(cell))


def set_aside(folder: Path) -> Path | None:
    """Move an earlier run out of the way, under a name with its time; None where there is none. Nothing is deleted."""
    if not (folder / "manifest.json").exists():
        return None
    stamp = datetime.fromtimestamp((folder / "manifest.json").stat().st_mtime, UTC).strftime("%Y-%m-%dT%H%M%S")
    aside = folder.with_name(f"{folder.name}.{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = folder.with_name(f"{folder.name}.{stamp}-{number}")
    folder.rename(aside)
    return aside


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
