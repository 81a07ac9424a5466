"""Running a plan: each cell once, its record written before the next begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import benchbench
from benchbench.execution import papermill_run, software
from benchbench.execution.fingerprints import Fingerprints
from benchbench.execution.plan import Cell
from benchbench.execution.progress import CellEnded, CellStarted, Progress, StepEnded, StepStarted
from benchbench.execution.redaction import Redaction, redaction
from benchbench.machine import Machine
from benchbench.places import Place, by_name, in_full, written
from benchbench.records import Failure, Findings, Provenance, Record
from benchbench.runs.folder import MANIFEST, Layout
from benchbench.runs.writer import RunWriter
from benchbench.suites.schema import QualityParameters


@dataclass(frozen=True)
class Runner:
    """What all cells that run on one machine share. `provenance` stands in every record, with its notebook's hash."""

    fingerprints: Fingerprints
    redact: Redaction
    provenance: Provenance

    def record(
        self,
        cell: Cell,
        output: Path,
        time_limit_seconds: float,
        progress: Progress,
        keep_model: Path | None = None,
    ) -> Record:
        """Run one cell in a kernel of its own and leave its executed notebook at `output`, its fine-tuned model in the
        folder `keep_model`; None keeps none.
        """
        started = _now()
        outcome = papermill_run.execute(
            self.fingerprints.notebook_path(cell.study),
            output,
            {"parameters": written(cell.parameters, in_full)},
            redact=self.redact,
            started=lambda step: progress(StepStarted(cell, step)),
            ended=lambda step: progress(StepEnded(cell, step)),
            time_limit_seconds=time_limit_seconds,
            keep_model=keep_model,
        )
        return Record(
            cell=cell.id,
            study=cell.study,
            parameters=self.redact.tree(written(cell.parameters, by_name)),
            started=started,
            finished=_now(),
            provenance=replace(self.provenance, notebook_sha256=self.fingerprints.notebook(cell.study)),
            findings=Findings() if isinstance(outcome, Failure) else outcome,
            failure=outcome if isinstance(outcome, Failure) else None,
        )


def run_in_turn(
    run: RunWriter,
    runner: Runner,
    cells: Sequence[Cell],
    time_limit_seconds: Callable[[Cell], float],
    progress: Progress,
    *,
    keep_models: bool = False,
) -> None:
    """Run `cells` here, one after the other. A cell that fails is recorded with its reason; the others go on."""
    for cell in cells:
        progress(CellStarted(cell))
        kept = run.model_path(cell.id) if keep_models and trains(cell) else None
        record = runner.record(cell, run.notebook_path(cell.id), time_limit_seconds(cell), progress, kept)
        run.write_record(record)
        progress(CellEnded(cell, record))


def runner_here(
    fingerprints: Fingerprints,
    machine: Machine,
    suite_sha256: str,
    places: Sequence[Place],
    folder: Path,
) -> Runner:
    """A runner for this machine. `places`: whose paths stay out of what is written, as `folder` does."""
    versions = software.library_versions()
    shared = Provenance(
        suite_sha256=suite_sha256,
        benchbench=benchbench.__version__,
        commit=software.git_commit(),
        versions=versions,
        pins=software.pins_not_kept(versions),
        machine_id=fingerprints.machine,
        machine=machine,
    )
    return Runner(fingerprints, redaction(places, folder), shared)


def unfinished(
    run: Layout, cells: Sequence[Cell], retry_failed: bool = False, *, keep_models: bool = False
) -> tuple[Cell, ...]:
    """The cells that have no record yet, only a failed one if `retry_failed`, or no kept model if `keep_models`."""

    def done(cell: Cell) -> bool:
        record = run.record(cell.id)
        if record is None or record.failure:
            return record is not None and not retry_failed
        return not (keep_models and trains(cell)) or run.model_path(cell.id).is_dir()

    return tuple(cell for cell in cells if not done(cell))


def trains(cell: Cell) -> bool:
    """Whether the cell fine-tunes a model."""
    return isinstance(cell.parameters, QualityParameters) and cell.parameters.training is not None


def set_aside(folder: Path) -> Path | None:
    """Move an earlier run out of the way, under a name with its time; None where there is none. Nothing is deleted."""
    if not (folder / MANIFEST).exists():
        return None
    stamp = datetime.fromtimestamp((folder / MANIFEST).stat().st_mtime, UTC).strftime("%Y-%m-%dT%H%M%S")
    aside = folder.with_name(f"{folder.name}.{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = folder.with_name(f"{folder.name}.{stamp}-{number}")
    folder.rename(aside)
    return aside


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
