"""A run folder built through the store, with invented numbers that are plain to see: for tests only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat

from benchbench.machine import Machine
from benchbench.quantities import Basis
from benchbench.records import (
    Absence,
    Facts,
    Findings,
    LearningPoint,
    Manifest,
    Marking,
    Measurement,
    Provenance,
    Record,
    Subject,
    TrainingFacts,
)
from benchbench.runs.folder import Run
from benchbench.runs.writer import RunWriter, write_tables

MACHINE = Machine(cpu_model="Example CPU", physical_cores=2, ram_gib=8, virtualised=True)
WEIGHTS = {"bert-base": 400e6, "squeezebert": 200e6, "squeezebert-tiny": 20e6}
CONVOLUTIONS = {"squeezebert": {"depthwise": 0, "grouped_pointwise": 60, "dense_pointwise": 12}}
FLOPS = {"bert-base": 20e9, "squeezebert": 7e9, "squeezebert-mnli": 7e9, "squeezebert-tiny": 0.4e9}


def provenance(machine: str = "machine-a") -> Provenance:
    return Provenance(
        benchbench="0.1.0",
        versions={"python": "3.11.2", "torch": "2.13.0"},
        machine_id=machine,
        machine=MACHINE,
    )


def quality_record(model: str, task: str, score: float, data: str = "synthetic", seed: int = 0) -> Record:
    subject = Subject(model=model, weights="random", task=task, data=data, seed=seed)
    measurements = (
        Measurement(subject, "accuracy", score, Basis.MEASURED, 500, score - 0.03, score + 0.03),
        Measurement(subject, "train_time", 40.0 * FLOPS[model] / 1e9, Basis.MEASURED),
        Measurement(subject, "train_energy", 900.0 * FLOPS[model] / 1e9, Basis.MODELLED),
        Measurement(subject, "train_emissions", 0.1 * FLOPS[model] / 1e9, Basis.MODELLED),
        Measurement(subject, "train_throughput", 300.0, Basis.MEASURED),
    )
    curve = tuple(LearningPoint(100 * i, 8.0 * i * FLOPS[model] / 1e9, score - 0.1 / i) for i in range(1, 6))
    training = TrainingFacts(Marking("classification", ("accuracy",)), "its own", "fp32", learning_curve=curve)
    return Record(
        cell=f"quality_{task}_{model}_seed{seed}",
        study="quality",
        parameters={"model": model, "task": task},
        started="2026-01-01T10:00:00+00:00",
        finished="2026-01-01T10:05:00+00:00",
        provenance=provenance(),
        findings=Findings(measurements, facts=Facts(training=training)),
    )


def efficiency_record(target: str, models: Sequence[str], pace: float = 1.0, machine: str = "machine-a") -> Record:
    measurements: list[Measurement] = []
    for model in models:
        for batch in (1, 8):
            measurements += _speed(target, model, batch, pace)
        measurements += _model_facts(model)
    machine_wide = Subject(target=target)
    measurements.append(Measurement(machine_wide, "gemm_peak", 176e9 / pace, Basis.MEASURED))
    measurements.append(Measurement(machine_wide, "memory_bandwidth", 20e9, Basis.MEASURED))
    return Record(
        cell=f"efficiency_{target}",
        study="efficiency",
        parameters={"target": target},
        started="2026-01-01T10:05:00+00:00",
        finished="2026-01-01T10:09:00+00:00",
        provenance=provenance(machine),
        findings=Findings(tuple(measurements), facts=Facts(convolutions=CONVOLUTIONS)),
    )


def _model_facts(model: str) -> Iterator[Measurement]:
    subject = Subject(model=model, weights="random")
    yield Measurement(subject, "parameters", WEIGHTS[model] / 4, Basis.COUNTED)
    yield Measurement(subject, "weight_bytes", WEIGHTS[model], Basis.COUNTED)
    for layer, share, time in (("linear", 0.7, 0.5), ("attention", 0.3, 0.3), ("normalisation", 0.0, 0.2)):
        of_layer = Subject(model=model, weights="random", layer=layer)
        yield Measurement(of_layer, "flops_share", share, Basis.COUNTED)
        yield Measurement(of_layer, "latency_share", time, Basis.MEASURED)


def _speed(target: str, model: str, batch: int, pace: float) -> Iterator[Measurement]:
    subject = Subject(
        model=model, weights="random", target=target, scenario="single-stream", batch_size=batch, sequence_length=128
    )
    flops = FLOPS[model] * batch
    median = flops / 100e9 * 1000 * pace

    def about(quantity: str, value: float, spread: float = 0.03, basis: Basis = Basis.MEASURED) -> Measurement:
        low, high = value * (1 - spread), value * (1 + spread)
        return Measurement(subject, quantity, value, basis, 300, low, high, stable=spread < 0.05)

    yield about("latency_p50", median, spread=0.08 if model == "squeezebert-tiny" else 0.02)
    yield about("latency_p90", median * 1.1)
    yield about("latency_p99", median * 1.4)
    yield about("throughput", 1000 * batch / median)
    yield about("achieved_flops", flops / median * 1000)
    yield about("energy_per_example", median / batch / 1000 * 40, basis=Basis.MODELLED)
    yield about("emissions_per_1k", median / batch / 1000 * 40 * 0.1, basis=Basis.MODELLED)
    yield Measurement(subject, "flops", flops, Basis.COUNTED)
    yield Measurement(subject, "weights_memory", WEIGHTS[model], Basis.MEASURED)
    yield Measurement(subject, "peak_memory", WEIGHTS[model] * 1.2, Basis.MEASURED)
    if model != "bert-base":
        paired = Subject(**{**_fields(subject), "baseline": "bert-base"})
        ratio = FLOPS["bert-base"] / FLOPS[model]
        yield Measurement(paired, "speedup", ratio, Basis.MEASURED, 100, ratio * 0.97, ratio * 1.03)


def _fields(subject: Subject) -> dict[str, object]:
    return {name: getattr(subject, name) for name in Subject.__dataclass_fields__}


def absent_record(target: str, reason: str) -> Record:
    return Record(
        cell=f"efficiency_{target}",
        study="efficiency",
        parameters={"target": target},
        started="2026-01-01T10:09:00+00:00",
        finished="2026-01-01T10:09:01+00:00",
        provenance=provenance(),
        findings=Findings((), (Absence(Subject(target=target), reason),)),
    )


def default_records() -> tuple[Record, ...]:
    return (
        quality_record("squeezebert", "sst2-synthetic", 0.84),
        quality_record("squeezebert-tiny", "sst2-synthetic", 0.80),
        quality_record("squeezebert", "rte-synthetic", 0.74),
        quality_record("squeezebert-tiny", "rte-synthetic", 0.66),
        efficiency_record("cpu-eager", ("bert-base", "squeezebert", "squeezebert-tiny")),
        efficiency_record("cpu-fast", ("bert-base", "squeezebert", "squeezebert-tiny"), pace=0.5),
        absent_record("gpu", "no CUDA device"),
    )


def write_run(folder: Path, records: Sequence[Record] | None = None) -> Run:
    """Write `records` (by default a small complete run) as a run folder and open it."""
    records = default_records() if records is None else records
    manifest = Manifest(
        suite="example",
        title="An example",
        settings={"seeds": [0], "budget": 60.0},
        machine_id="machine-a",
        machine=MACHINE,
        cells=tuple(record.cell for record in records),
    )
    run = RunWriter.create(folder, manifest)
    for record in records:
        run.write_record(record)
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"# {record.cell}")])
        run.notebook_path(record.cell).parent.mkdir(exist_ok=True)
        nbformat.write(notebook, run.notebook_path(record.cell))
    finished = Run.open(run.folder)
    write_tables(finished)
    return finished
