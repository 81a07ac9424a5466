"""`benchbench run`: from what the command line asks for to a run folder with a report."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchbench import machine
from benchbench.errors import InputError
from benchbench.execution import papermill_run, preflight, redaction
from benchbench.execution.estimate import estimate_seconds
from benchbench.execution.fingerprints import Fingerprints
from benchbench.execution.lock import locked
from benchbench.execution.plan import Cell, plan
from benchbench.execution.progress import Progress
from benchbench.execution.runner import run_in_turn, runner_here, set_aside, unfinished
from benchbench.machine import Machine
from benchbench.models.zoo import MODELS
from benchbench.places import is_folder
from benchbench.records import Manifest, Record
from benchbench.runs.folder import Layout, Run
from benchbench.runs.writer import RunWriter
from benchbench.suites.reading import read
from benchbench.suites.schema import EfficiencyBlock, QualityBlock, Suite
from benchbench.suites.selection import Selection, select

Executor = Literal["local", "ray"]

_SHORTEST_LIMIT_SECONDS = 3600.0
_PATIENCE = 30  # times the estimate, which is good to a factor of three on the machines that it was made on


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked for. `suite`: a shipped name or a YAML file. `out`: None for results/NAME.

    `time_limit_seconds`: of each cell; None for one that only a cell that hangs reaches. `executor`: 'ray' runs the
    cells on the nodes of the cluster at `address`, None for one that is started here.
    """

    suite: str
    selection: Selection
    out: Path | None = None
    fresh: bool = False
    strict: bool = False
    retry_failed: bool = False
    time_limit_seconds: float | None = None
    executor: Executor = "local"
    address: str | None = None


@dataclass(frozen=True)
class Preparation:
    """A checked plan: nothing has run or been written yet."""

    request: Request
    suite: Suite
    suite_text: str
    folder: Path
    cells: tuple[Cell, ...]
    fingerprints: Fingerprints
    machine: Machine
    unavailable: Mapping[str, str]

    @property
    def kept(self) -> tuple[Cell, ...]:
        """The cells whose records an earlier invocation left in the run folder."""
        if self.request.fresh or not (self.folder / "manifest.json").exists():
            return ()
        left = {cell.id for cell in unfinished(Layout(self.folder), self.cells, self.request.retry_failed)}
        return tuple(cell for cell in self.cells if cell.id not in left)

    def seconds(self, cell: Cell) -> float:
        """A rough estimate of how long `cell` takes on this machine."""
        return estimate_seconds(cell.parameters, self.machine.physical_cores or 1)

    def time_limit_seconds(self, cell: Cell) -> float:
        """After so long `cell` is ended and recorded as failed."""
        return self.request.time_limit_seconds or max(_SHORTEST_LIMIT_SECONDS, _PATIENCE * self.seconds(cell))


def prepare(request: Request) -> Preparation:
    """Read, narrow, check and plan. Raises `InputError` for anything that is wrong; writes nothing."""
    suite, text = read(request.suite)
    suite = _absolute(select(suite, request.selection))
    folder = request.out or Path("results") / suite.name
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file, not a folder; choose another with --out")
    alone = request.executor == "local"
    unavailable = preflight.check(suite, strict=request.strict, here=alone)
    facts = machine.machine_here()
    fingerprints = Fingerprints(machine.machine_id(facts) if alone else "cluster", papermill_run.folder())
    return Preparation(request, suite, text, folder, plan(suite, fingerprints), fingerprints, facts, unavailable)


def bench(
    preparation: Preparation, progress: Progress, write: Callable[[Run], object] | None = None
) -> tuple[Run, tuple[Record, ...]]:
    """Run the cells that are not finished, then `write` what follows from their records: by default the tables and the
    report. Returns the run and its failures.
    """
    from benchbench.report.writing import write_report

    with locked(preparation.folder):
        if preparation.request.fresh:
            set_aside(preparation.folder)
        writer = RunWriter.create(preparation.folder, _manifest(preparation))
        writer.sweep()
        cells = unfinished(writer, preparation.cells, preparation.request.retry_failed)
        _run_cells(preparation, writer, cells, progress)
        run = Run.open(writer.folder)
        (write or write_report)(run)
    return run, run.failures


def _run_cells(preparation: Preparation, run: RunWriter, cells: tuple[Cell, ...], progress: Progress) -> None:
    request, fingerprints = preparation.request, preparation.fingerprints
    suite_sha256 = hashlib.sha256(preparation.suite_text.encode()).hexdigest()
    sources = _sources(preparation.suite)
    if request.executor == "ray":
        from benchbench.execution import ray_cluster

        texts = {cell.study: fingerprints.notebook_path(cell.study).read_text(encoding="utf-8") for cell in cells}
        work = ray_cluster.Work(texts, suite_sha256, sources)
        ray_cluster.run_on_nodes(run, work, cells, preparation.time_limit_seconds, request.address, progress)
        return
    runner = runner_here(fingerprints, preparation.machine, suite_sha256, sources, run.folder)
    run_in_turn(run, runner, cells, preparation.time_limit_seconds, progress)


def _manifest(preparation: Preparation) -> Manifest:
    hide = redaction.redaction(_sources(preparation.suite), preparation.folder)
    return Manifest(
        suite=preparation.suite.name,
        title=preparation.suite.title,
        settings=hide.tree(preparation.suite.model_dump(mode="json")),
        machine_id=preparation.fingerprints.machine,
        machine=preparation.machine,
        unavailable_targets=preparation.unavailable,
        cells=tuple(cell.id for cell in preparation.cells),
        titles={cell.id: hide.text(cell.title) for cell in preparation.cells},
    )


def _sources(suite: Suite) -> tuple[str, ...]:
    """Every local folder that the suite names, as 'local:FOLDER'."""
    sources = [source for block in suite.quality for source in (block.weights, block.data)]
    sources += [block.weights for block in suite.efficiency]
    sources += [block.scenarios.realistic.data for block in suite.efficiency if block.scenarios.realistic]
    blocks: tuple[QualityBlock | EfficiencyBlock, ...] = (*suite.quality, *suite.efficiency)
    models = {model for block in blocks for model in block.models}
    return (*sources, *(f"local:{model}" for model in sorted(models) if is_folder(model)))


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
    return str(Path(model).resolve()) if model not in MODELS and is_folder(model) else model


def _resolved_target(target: str) -> str:
    return str(Path(target).resolve()) if target.endswith((".yaml", ".yml", ".py")) else target
