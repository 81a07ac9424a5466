"""Running a plan: each cell once, its record written before the next begins."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TextIO

import benchbench
from benchbench.execution import papermill_run, software
from benchbench.execution.fingerprints import Fingerprints
from benchbench.execution.plan import Cell
from benchbench.execution.redaction import Redaction, redaction
from benchbench.machine import Machine
from benchbench.records import Record
from benchbench.runs.folder import Run


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
    """What all cells that run on one machine share. `shared_provenance` stands in every record."""

    fingerprints: Fingerprints
    redact: Redaction
    shared_provenance: Mapping[str, object]

    def record(self, cell: Cell, output: Path, time_limit_seconds: float, progress: TextIO | None = None) -> Record:
        """Run one cell in a kernel of its own and leave its executed notebook at `output`."""
        started = _now()
        execution = papermill_run.execute(
            self.fingerprints.notebook_path(cell.study),
            output,
            cell.parameters.model_dump(mode="json"),
            redact=self.redact,
            time_limit_seconds=time_limit_seconds,
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


def run_in_turn(
    run: Run, runner: Runner, cells: Sequence[Cell], time_limit_seconds: Callable[[Cell], float], progress: Progress
) -> None:
    """Run `cells` here, one after the other. A cell that fails is recorded with its reason; the others go on."""
    for cell in cells:
        bar = progress.started(cell)
        record = runner.record(cell, run.notebook_path(cell.id), time_limit_seconds(cell), bar)
        run.write_record(record)
        progress.ended(cell, record)


def runner_here(
    fingerprints: Fingerprints,
    machine: Machine,
    suite_sha256: str,
    sources: Sequence[str],
    folder: Path,
) -> Runner:
    """A runner for this machine. `sources`: local ones, whose folders stay out of what is written, as `folder` does."""
    shared = {
        "suite_sha256": suite_sha256,
        "benchbench": benchbench.__version__,
        "commit": software.git_commit(),
        "versions": software.library_versions(),
        "machine_id": fingerprints.machine,
        "machine": json.loads(json.dumps(asdict(machine))),
    }
    return Runner(fingerprints, redaction(sources, folder), shared)


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
