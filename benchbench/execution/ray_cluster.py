"""Running a plan on the nodes of a Ray cluster: one cell at a time on a node; this process alone writes the run folder.

A node takes part when it offers the resource `SLOT`. Workers share no disk with this process: each has its own
checkout, and what a cell leaves, its record and its executed notebook, comes back through Ray.
"""

from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import benchbench
from benchbench import machine
from benchbench.errors import InputError, one_line
from benchbench.execution.fingerprints import Fingerprints
from benchbench.execution.plan import Cell
from benchbench.execution.progress import CellEnded, CellStarted, Progress
from benchbench.execution.redaction import redaction
from benchbench.execution.runner import runner_here
from benchbench.places import Place, by_name, written
from benchbench.records import Failure, FailureKind, Provenance, Record, Study
from benchbench.runs import atomic
from benchbench.runs.writer import RunWriter
from benchbench.suites.schema import EfficiencyParameters
from benchbench.targets import catalogue as targets

SLOT = "benchbench"
"""The resource of which each node offers 1 and each cell takes 1, so that no two cells disturb each other."""

Answer = tuple[Record, str | None] | None
"""What a node sends back: None when a cell begins, then its record and the text of the executed notebook."""

_RETRIES = 3  # of a cell whose node or worker dies


@dataclass(frozen=True)
class Work:
    """What every node needs to know to run cells of one suite. `notebooks`: the text of each study's notebook."""

    notebooks: Mapping[Study, str]
    suite_sha256: str
    places: tuple[Place, ...]
    version: str = benchbench.__version__


def run_on_nodes(
    run: RunWriter,
    work: Work,
    cells: Sequence[Cell],
    time_limit_seconds: Callable[[Cell], float],
    address: str | None,
    progress: Progress,
) -> None:
    """Run `cells` on whichever nodes are free and offer what they need, and write each record as it comes back.

    A cell whose node dies runs again on another one; one that no node can run is recorded as failed. Raises
    `InputError` where Ray is not installed, the cluster does not answer or no node takes part.
    """
    with _connected(address) as ray:
        task = ray.remote(max_retries=_RETRIES, num_cpus=0, num_returns="streaming")(_on_node)
        offers = _offers(ray)
        running: dict[Any, Cell] = {}
        for cell in cells:
            needs = dict(needs_of(cell))
            if any(_fits(needs, offer) for offer in offers):
                options = {"num_gpus": needs.pop("GPU", 0), "resources": needs}
                running[task.options(**options).remote(work, cell, time_limit_seconds(cell))] = cell
            else:
                _keep(run, cell, _not_run(work, cell, f"no node of the cluster offers {_words(needs)}"), None, progress)
        while running:
            (ready,), _ = ray.wait(list(running), num_returns=1)
            cell = running[ready]
            try:
                answer: Answer = ray.get(next(ready))
            except ray.exceptions.RayError as error:
                answer = _not_run(work, cell, _cause(error)), None
            if answer is None:
                progress(CellStarted(cell))
                continue
            del running[ready]
            _keep(run, cell, *answer, progress)


def needs_of(cell: Cell) -> Mapping[str, float]:
    """The resources, in Ray's names, of the node that runs `cell`: a slot, a GPU for CUDA, what the target names."""
    needs: dict[str, float] = {SLOT: 1}
    if isinstance(cell.parameters, EfficiencyParameters):
        for name in (cell.parameters.target, *cell.parameters.against):
            target = targets.find(name)
            needs |= {"GPU": 1} if target.device.startswith("cuda") else {}
            needs |= target.resources
    return needs


def _on_node(work: Work, cell: Cell, time_limit_seconds: float) -> Iterator[Answer]:
    """On a node: the cell's answers, one by one. Raises `InputError`."""
    yield None
    yield _record_on_node(work, cell, time_limit_seconds)


def _record_on_node(work: Work, cell: Cell, time_limit_seconds: float) -> tuple[Record, str | None]:
    if benchbench.__version__ != work.version:
        raise InputError(f"a node has benchbench {benchbench.__version__}, not {work.version}; install the same on all")
    os.environ.pop("OMP_NUM_THREADS", None)  # Ray sets it to 1; the engines are to use the machine as it is
    facts = machine.machine_here()
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        atomic.write_text(folder / f"{cell.study}.ipynb", work.notebooks[cell.study])
        here = Fingerprints(machine.machine_id(facts), folder)
        output = folder / "executed" / f"{cell.id}.ipynb"
        runner = runner_here(here, facts, work.suite_sha256, work.places, folder)
        record = runner.record(cell, output, time_limit_seconds, lambda _: None)
        return record, output.read_text(encoding="utf-8") if output.is_file() else None


def _keep(run: RunWriter, cell: Cell, record: Record, executed: str | None, progress: Progress) -> None:
    if executed is not None:
        atomic.write_text(run.notebook_path(record.cell), executed)
    run.write_record(record)
    progress(CellEnded(cell, record))


def _not_run(work: Work, cell: Cell, reason: str) -> Record:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Record(
        cell=cell.id,
        study=cell.study,
        parameters=redaction(work.places, Path.cwd()).tree(written(cell.parameters, by_name)),
        started=now,
        finished=now,
        provenance=Provenance(suite_sha256=work.suite_sha256, benchbench=work.version),
        failure=Failure(FailureKind.NOT_RUN, reason),
    )


@contextmanager
def _connected(address: str | None) -> Iterator[Any]:
    """Ray, connected to the cluster at `address`, or to one of this machine alone."""
    if importlib.util.find_spec("ray") is None:
        raise InputError("Ray is not installed; install the extra 'ray': make bench EXTRAS=...,ray, or run it locally")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing leaves the machine
    import ray

    where = (
        {"address": address} if address else {"address": "local", "resources": {SLOT: 1}, "include_dashboard": False}
    )
    try:
        ray.init(**where, log_to_driver=False, logging_level=logging.ERROR, configure_logging=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise InputError(f"no Ray cluster at {address}: {one_line(error)}; start one with: ray start --head") from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _offers(ray: Any) -> tuple[Mapping[str, float], ...]:
    """What each living node that takes part offers."""
    offers = tuple(node["Resources"] for node in ray.nodes() if node["Alive"] and node["Resources"].get(SLOT))
    if not offers:
        raise InputError(
            f"no node of the cluster takes part; start them with: ray start --resources '{{\"{SLOT}\": 1}}'"
        )
    return offers


def _fits(needs: Mapping[str, float], offer: Mapping[str, float]) -> bool:
    return all(offer.get(name, 0) >= amount for name, amount in needs.items())


def _words(needs: Mapping[str, float]) -> str:
    return " and ".join(f"{amount:g} {name}" for name, amount in needs.items() if name != SLOT)


def _cause(error: Any) -> str:
    cause = getattr(error, "cause", None) or error
    return one_line(cause)
