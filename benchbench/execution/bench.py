"""`benchbench run`: from what the command line asks for to a run folder with a report."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchbench.errors import InputError
from benchbench.execution import notebook, preflight, redaction
from benchbench.execution.estimate import estimate_seconds
from benchbench.execution.fingerprints import Fingerprints
from benchbench.execution.lock import locked
from benchbench.execution.plan import Cell, plan
from benchbench.execution.runner import Progress, Runner, set_aside, shared_provenance, unfinished
from benchbench.measurement import Record
from benchbench.meters import machine
from benchbench.models.zoo import MODELS
from benchbench.store import Run
from benchbench.suite import EfficiencyBlock, QualityBlock, Selection, Suite, read, select


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked for. `suite`: a shipped name or a YAML file. `out`: None for results/NAME."""

    suite: str
    selection: Selection
    out: Path | None = None
    fresh: bool = False
    strict: bool = False
    retry_failed: bool = False
    cell_time_limit_seconds: float | None = None


@dataclass(frozen=True)
class Preparation:
    """A checked plan: nothing has run or been written yet."""

    request: Request
    suite: Suite
    suite_text: str
    folder: Path
    cells: tuple[Cell, ...]
    fingerprints: Fingerprints
    machine: Mapping[str, object]
    unavailable: Mapping[str, str]

    @property
    def kept(self) -> tuple[Cell, ...]:
        """The cells whose records an earlier invocation left in the run folder."""
        if self.request.fresh or not (self.folder / "manifest.json").exists():
            return ()
        left = {cell.id for cell in unfinished(Run(self.folder), self.cells, self.request.retry_failed)}
        return tuple(cell for cell in self.cells if cell.id not in left)

    def seconds(self, cell: Cell) -> float:
        """A rough estimate of how long `cell` takes on this machine."""
        return estimate_seconds(cell.parameters, int(str(self.machine.get("physical_cores") or 1)))


def prepare(request: Request) -> Preparation:
    """Read, narrow, check and plan. Raises `InputError` for anything that is wrong; writes nothing."""
    suite, text = read(request.suite)
    suite = _absolute(select(suite, request.selection))
    folder = request.out or Path("results") / suite.name
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file, not a folder; choose another with --out")
    unavailable = preflight.check(suite, strict=request.strict)
    facts = machine.fingerprint()
    fingerprints = Fingerprints(machine.machine_id(facts), notebook.folder())
    return Preparation(request, suite, text, folder, plan(suite, fingerprints), fingerprints, facts, unavailable)


def bench(preparation: Preparation, progress: Progress) -> tuple[Run, tuple[Record, ...]]:
    """Run the cells that are not finished, then write the tables and the report. Returns the run and its failures."""
    with locked(preparation.folder):
        if preparation.request.fresh:
            set_aside(preparation.folder)
        run = Run.create(preparation.folder, _manifest(preparation))
        digest = hashlib.sha256(preparation.suite_text.encode()).hexdigest()
        runner = Runner(
            run,
            preparation.fingerprints,
            redaction.redaction(_sources(preparation.suite), run.folder),
            shared_provenance(digest, preparation.fingerprints.machine, preparation.machine),
            preparation.request.cell_time_limit_seconds,
        )
        runner.execute(unfinished(run, preparation.cells, preparation.request.retry_failed), progress)
        run = Run.open(run.folder)
        report(run)
    return run, run.failures


def report(run: Run, claims: Path | None = None) -> Path:
    """Write a run's tables and its report, with `claims` of one's own tested too; returns the page's path."""
    from benchbench.report.render import render

    run.write_tables()
    return render(run, claims)


def _manifest(preparation: Preparation) -> Mapping[str, object]:
    hide = redaction.redaction(_sources(preparation.suite), preparation.folder)
    return {
        "suite": preparation.suite.name,
        "title": preparation.suite.title,
        "settings": hide.tree(preparation.suite.model_dump(mode="json")),
        "machine_id": preparation.fingerprints.machine,
        "machine": preparation.machine,
        "unavailable_targets": preparation.unavailable,
        "cells": [cell.id for cell in preparation.cells],
        "titles": {cell.id: hide.text(cell.title) for cell in preparation.cells},
    }


def _sources(suite: Suite) -> tuple[str, ...]:
    """Every local folder that the suite names, as 'local:FOLDER'."""
    sources = [source for block in suite.quality for source in (block.weights, block.data)]
    sources += [block.weights for block in suite.efficiency]
    sources += [block.scenarios.realistic.data for block in suite.efficiency if block.scenarios.realistic]
    blocks: tuple[QualityBlock | EfficiencyBlock, ...] = (*suite.quality, *suite.efficiency)
    models = {model for block in blocks for model in block.models}
    return (*sources, *(f"local:{model}" for model in sorted(models) if Path(model).is_dir()))


def _absolute(suite: Suite) -> Suite:
    """Local folders as absolute paths: a notebook's kernel works in another folder than the command line."""
    quality = tuple(
        block.model_copy(
            update={
                "data": _resolved(block.data),
                "weights": _resolved(block.weights),
                "models": tuple(_resolved_model(model) for model in block.models),
            }
        )
        for block in suite.quality
    )
    efficiency = tuple(
        block.model_copy(
            update={
                "weights": _resolved(block.weights),
                "models": tuple(_resolved_model(model) for model in block.models),
                "targets": tuple(_resolved_target(target) for target in block.targets),
                "against": tuple(_resolved_target(target) for target in block.against),
                "scenarios": block.scenarios.on(_resolved(texts.data))
                if (texts := block.scenarios.realistic)
                else block.scenarios,
            }
        )
        for block in suite.efficiency
    )
    return suite.model_copy(update={"quality": quality, "efficiency": efficiency})


def _resolved(source: str) -> str:
    kind, _, folder = source.partition(":")
    if kind == "local" and not folder:
        raise InputError("local: needs a folder, as in local:DIR")
    return f"local:{Path(folder).expanduser().resolve()}" if kind == "local" else source


def _resolved_model(model: str) -> str:
    return str(Path(model).resolve()) if model not in MODELS and Path(model).is_dir() else model


def _resolved_target(target: str) -> str:
    return str(Path(target).resolve()) if target.endswith((".yaml", ".yml", ".py")) else target
