"""Several runs, say of several machines, as one run with one report."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchbench.errors import InputError
from benchbench.records import Manifest, Record, Subject
from benchbench.runs.folder import Run
from benchbench.runs.writer import RunWriter


def merge(runs: Sequence[Run], out: Path) -> Run:
    """Join the records and notebooks of `runs` in the new run folder `out`; the report then names the machines.

    Where two runs hold the same cell, a finished record wins over a failed one, then the later one.
    Raises `InputError` with fewer than two runs, when `out` exists already, and where one system would answer with
    different batch sizes on one machine.
    """
    if len(runs) < 2:
        raise InputError("merge needs at least two runs")
    if out.exists():
        raise InputError(f"{out} exists already; choose another folder with --out")
    chosen: dict[str, tuple[Run, Record]] = {}
    for run in runs:
        for record in run.records:
            kept = chosen.get(record.cell)
            if kept is None or _rank(record) > _rank(kept[1]):
                chosen[record.cell] = (run, record)
    _refuse_batch_sizes([record for _, record in chosen.values()])
    merged = RunWriter.create(out, _manifest(runs, tuple(chosen)))
    for source, record in chosen.values():
        merged.write_record(record)
        _copy(source.notebook_path(record.cell), merged.notebook_path(record.cell))
        _copy(source.predictions_path(record.cell), merged.predictions_path(record.cell))
        if (model := source.model_path(record.cell)).is_dir():
            shutil.copytree(model, merged.model_path(record.cell))
    return Run.open(out)


def _refuse_batch_sizes(records: Sequence[Record]) -> None:
    """What was deployed is one row of a report, whose times are of one batch size."""
    sizes: dict[tuple[str, Subject], int] = {}
    for record in records:
        for measurement in record.findings.measurements if record.study == "quality" else ():
            subject = measurement.subject
            if measurement.quantity == "latency_p50" and subject.batch_size is not None:
                system = record.provenance.machine_id, replace(subject, batch_size=None, seed=None)
                size = sizes.setdefault(system, subject.batch_size)
                if size != subject.batch_size:
                    raise InputError(
                        f"{subject.model} on {subject.task} answers {size} texts at a time on {subject.target} in one "
                        f"run and {subject.batch_size} in another: they are two systems; report the runs apart"
                    )


def _rank(record: Record) -> tuple[bool, str]:
    return record.failure is None, record.finished


def _manifest(runs: Sequence[Run], cells: tuple[str, ...]) -> Manifest:
    manifests = [run.manifest for run in runs]
    return Manifest(
        suite=" + ".join(dict.fromkeys(manifest.suite for manifest in manifests)),
        title=f"{len(runs)} runs joined: {', '.join(run.folder.name for run in runs)}",
        settings={run.folder.name: run.manifest.settings for run in runs},
        machine_id=", ".join(dict.fromkeys(manifest.machine_id for manifest in manifests)),
        machine=manifests[0].machine,
        unavailable_targets={name: why for m in manifests for name, why in m.unavailable_targets.items()},
        cells=cells,
        titles={cell: title for manifest in manifests for cell, title in manifest.titles.items()},
    )


def _copy(source: Path, target: Path) -> None:
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
