"""`benchbench run`: from what the command line asks for to a run folder with a report."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Literal

from benchbench import machine, yaml_files
from benchbench.errors import InputError
from benchbench.execution import papermill_run, preflight, redaction
from benchbench.execution.estimate import Expected, Hardware, expected
from benchbench.execution.fingerprints import Fingerprints
from benchbench.execution.lock import locked
from benchbench.execution.plan import Cell, plan, with_a_finding_first, with_targets_named
from benchbench.execution.preflight import Checked
from benchbench.execution.progress import Progress
from benchbench.execution.runner import run_in_turn, runner_here, set_aside, unfinished
from benchbench.machine import Machine
from benchbench.places import Place, bare, by_name, places_in, written
from benchbench.records import Manifest, Record
from benchbench.runs.folder import Layout, Run
from benchbench.runs.writer import RunWriter
from benchbench.suites.reading import read
from benchbench.suites.schema import QualityParameters, Suite
from benchbench.suites.selection import Selection, select
from benchbench.targets.catalogue import availability, find, runtime_file

Executor = Literal["local", "ray"]

_SHORTEST_LIMIT_SECONDS = 3600.0
_WHERE_GPUS_TRAIN = "torch-cuda"  # the target that can run where PyTorch has a GPU, and trains on it
_PATIENCE = 30  # times the estimate, which is good to a factor of three on the machines that it was made on


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked for. `suite`: a shipped name or a YAML file. `out`: None for results/NAME.

    `time_limit_seconds`: of each cell; None for one that only a cell that hangs reaches. `executor`: 'ray' runs the
    cells on the nodes of the cluster at `address`, None for one that is started here. `keep_models`: fine-tuned models
    stay in the run folder.
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
    keep_models: bool = False


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
    checked: Checked

    @property
    def kept(self) -> tuple[Cell, ...]:
        """The cells whose records an earlier invocation left in the run folder."""
        earlier = Layout(self.folder)
        if self.request.fresh or not earlier.manifest_path.exists():
            return ()
        left = {cell.id for cell in self.unfinished(earlier)}
        return tuple(cell for cell in self.cells if cell.id not in left)

    @property
    def in_turn(self) -> tuple[Cell, ...]:
        """The cells in the order in which they run."""
        return with_a_finding_first(self.cells, lambda cell: self.expected(cell).seconds, self.checked.unavailable)

    def unfinished(self, run: Layout) -> tuple[Cell, ...]:
        """The cells that are to be run, in their turn, where `run` holds what an earlier invocation left."""
        return unfinished(run, self.in_turn, self.request.retry_failed, keep_models=self.request.keep_models)

    def expected(self, cell: Cell) -> Expected:
        """A rough estimate of how long `cell` takes on this machine."""
        p = cell.parameters
        examples = self.checked.examples.get((p.task, p.data)) if isinstance(p, QualityParameters) else None
        return expected(p, self._hardware, examples)

    @cached_property
    def _hardware(self) -> Hardware:
        here = self.request.executor == "local"
        on_gpu = here and bool(self.machine.gpus) and availability(find(_WHERE_GPUS_TRAIN)) is None
        return Hardware(self.machine.physical_cores or 1, on_gpu, tuple(self.checked.unavailable))

    def time_limit_seconds(self, cell: Cell) -> float:
        """After so long `cell` is ended and recorded as failed."""
        return self.request.time_limit_seconds or max(_SHORTEST_LIMIT_SECONDS, _PATIENCE * self.expected(cell).seconds)


def prepare(request: Request) -> Preparation:
    """Read, narrow, check and plan. Raises `InputError` for anything that is wrong; writes nothing."""
    if request.keep_models and request.executor == "ray":
        raise InputError(
            "models are kept on the machine that runs the suite; leave out --keep-models or --executor ray"
        )
    suite, text = read(request.suite)
    alone = request.executor == "local"
    suite = select(with_targets_named(suite, here=alone), request.selection)
    folder = request.out or Path("results") / suite.name
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file, not a folder; choose another with --out")
    located = partial(yaml_files.located, text, request.suite)
    checked = preflight.check(suite, strict=request.strict, here=alone, located=located)
    facts = machine.machine_here()
    fingerprints = Fingerprints(machine.machine_id(facts) if alone else "cluster", papermill_run.folder())
    return Preparation(request, suite, text, folder, plan(suite, fingerprints), fingerprints, facts, checked)


def bench(
    preparation: Preparation, progress: Progress, write: Callable[[Run], object]
) -> tuple[Run, tuple[Record, ...]]:
    """Run the cells that are not finished, then `write` what follows from their records, such as the report.

    Returns the run and its failures.
    """
    with locked(preparation.folder):
        if preparation.request.fresh:
            set_aside(preparation.folder)
        writer = RunWriter.create(preparation.folder, _manifest(preparation))
        writer.sweep()
        _run_cells(preparation, writer, preparation.unfinished(writer), progress)
        run = Run.open(writer.folder)
        write(run)
    return run, run.failures


def not_kept(run: Run) -> Iterator[tuple[str, str]]:
    """The cells whose model could not be kept though that was asked for, each with the reason."""
    for record in run.records:
        training = record.findings.facts.training
        if training and training.not_kept and not run.model_path(record.cell).is_dir():
            yield record.cell, training.not_kept


def _run_cells(preparation: Preparation, run: RunWriter, cells: tuple[Cell, ...], progress: Progress) -> None:
    request, fingerprints = preparation.request, preparation.fingerprints
    suite_sha256 = hashlib.sha256(preparation.suite_text.encode()).hexdigest()
    named = _places(preparation.suite)
    if request.executor == "ray":
        from benchbench.execution import ray_cluster

        texts = {cell.study: fingerprints.notebook_path(cell.study).read_text(encoding="utf-8") for cell in cells}
        work = ray_cluster.Work(texts, suite_sha256, named)
        ray_cluster.run_on_nodes(run, work, cells, preparation.time_limit_seconds, request.address, progress)
        return
    runner = runner_here(fingerprints, preparation.machine, suite_sha256, named, run.folder)
    limits = preparation.time_limit_seconds
    run_in_turn(run, runner, cells, limits, progress, keep_models=request.keep_models)


def _manifest(preparation: Preparation) -> Manifest:
    hide = redaction.redaction(_places(preparation.suite), preparation.folder)
    return Manifest(
        suite=preparation.suite.name,
        title=preparation.suite.title,
        settings=hide.tree(written(preparation.suite, by_name)),
        machine_id=preparation.fingerprints.machine,
        machine=preparation.machine,
        unavailable_targets={name: hide.text(reason) for name, reason in preparation.checked.unavailable.items()},
        cells=tuple(cell.id for cell in preparation.cells),
        titles={cell.id: hide.text(cell.title) for cell in preparation.cells},
    )


def _places(suite: Suite) -> tuple[Place, ...]:
    """Every place that the suite names, and the runtimes that its targets' files name."""
    runtimes = (runtime_file(target) for target in suite.targets)
    return (*places_in(suite), *(bare(file) for file in runtimes if file is not None))
