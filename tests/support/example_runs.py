"""A run folder built through the store, with invented numbers that are plain to see: for tests only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy

from benchbench.machine import Machine
from benchbench.quantities import Basis
from benchbench.records import (
    REALISTIC,
    REFERENCE,
    Absence,
    Facts,
    Findings,
    LearningPoint,
    Manifest,
    Marking,
    Measurement,
    Predictions,
    Provenance,
    Record,
    Subject,
    TrainingFacts,
)
from benchbench.runs.folder import Run
from benchbench.runs.writer import RunWriter, write_tables
from benchbench.scoring.answers import Answers, agreement, outcomes
from benchbench.scoring.outcomes import with_intervals
from benchbench.scoring.paired import score_change

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


def quality_record(
    model: str, task: str, score: float, data: str = "synthetic", seed: int = 0, weights: str = "random"
) -> Record:
    subject = Subject(model=model, weights=weights, task=task, data=data, seed=seed)
    measurements = (
        Measurement(subject, "accuracy", score, Basis.MEASURED, 500, score - 0.03, score + 0.03),
        Measurement(subject, "train_time", 40.0 * FLOPS[model] / 1e9, Basis.MEASURED),
        Measurement(subject, "train_energy", 900.0 * FLOPS[model] / 1e9, Basis.MODELLED),
        Measurement(subject, "train_emissions", 0.1 * FLOPS[model] / 1e9, Basis.MODELLED),
        Measurement(subject, "train_throughput", 300.0, Basis.MEASURED),
    )
    curve = tuple(LearningPoint(100 * i, 8.0 * i * FLOPS[model] / 1e9, score - 0.1 / i) for i in range(1, 6))
    training = TrainingFacts(
        Marking("classification", ("accuracy",), ("no", "yes")), "its own", "fp32", learning_curve=curve
    )
    return Record(
        cell=f"quality_{task}_{model}_seed{seed}",
        study="quality",
        parameters={"model": model, "task": task},
        started="2026-01-01T10:00:00+00:00",
        finished="2026-01-01T10:05:00+00:00",
        provenance=provenance(),
        findings=Findings(measurements, facts=Facts(training=training)),
    )


def system_record(
    model: str,
    task: str,
    share_right: float,
    wrong_on: Mapping[str, int],
    *,
    seed: int = 0,
    examples: int = 600,
    data: str = "synthetic",
    weights: str = "random",
    machine: str = "machine-a",
) -> Record:
    """A fine-tuned classifier of `examples` yes-or-no examples, deployed.

    `wrong_on`: by target, how many of the answers that are right in fp32 PyTorch are wrong there.
    """
    rng = numpy.random.default_rng([seed, *model.encode()])
    truth = numpy.random.default_rng(0).integers(0, 2, examples)
    reference = truth.copy()
    missed = rng.permutation(examples)[round(share_right * examples) :]
    reference[missed] = 1 - truth[missed]
    right = numpy.flatnonzero(reference == truth)
    given = {REFERENCE: reference}
    for target, wrong in wrong_on.items():
        given[target] = reference.copy()
        given[target][right[:wrong]] = 1 - truth[right[:wrong]]
    subject = Subject(model=model, weights=weights, task=task, data=data, seed=seed)
    marking = Marking("classification", ("accuracy",), ("no", "yes"))
    answers = {target: Answers(truth.tolist(), numbers.tolist()) for target, numbers in given.items()}
    measurements = [m for target, there in answers.items() for m in _scored(subject, marking, target, there)]
    for place, target in enumerate(wrong_on):
        on_target = replace(subject, target=target)
        before, there = answers[REFERENCE], answers[target]
        change = score_change(marking, "accuracy", [before], [there], same_training=True)
        measurements += [
            Measurement(on_target, "score_change", change.value, Basis.MEASURED, examples, change.low, change.high),
            Measurement(on_target, "agreement", agreement(marking, before, there), Basis.MEASURED, examples),
            Measurement(on_target, "artefact_bytes", WEIGHTS[model] / (1 + place), Basis.COUNTED),
            *_costs_of_system(on_target, FLOPS[model] / 200e9 * 1000 / (1 + place), place),
        ]
    truths, found = tuple(truth.tolist()), {target: tuple(there.given) for target, there in answers.items()}
    precisions = {target: "int8" if "int8" in target else "fp32" for target in wrong_on}
    training = TrainingFacts(marking, "its own", "fp32")
    facts = Facts(training=training, precisions=precisions, predictions=(Predictions(task, "", truths, found),))
    return Record(
        cell=f"quality_{task}_{model}_{weights.replace(':', '_')}_seed{seed}_{machine}",
        study="quality",
        parameters={"model": model, "task": task},
        started="2026-01-01T10:00:00+00:00",
        finished="2026-01-01T10:05:00+00:00",
        provenance=provenance(machine),
        findings=Findings(tuple(measurements), facts=facts),
    )


def _scored(subject: Subject, marking: Marking, target: str, answers: Answers) -> Iterator[Measurement]:
    for name, score in with_intervals(outcomes(marking, answers), resamples=200).items():
        on_target = replace(subject, target=target or None)
        yield Measurement(on_target, name, score.value, Basis.MEASURED, len(answers), score.low, score.high)


def _costs_of_system(subject: Subject, median: float, place: int) -> Iterator[Measurement]:
    timed = replace(subject, scenario="single-stream", lengths=REALISTIC, batch_size=1)
    for quantity, factor in (("latency_p50", 1.0), ("latency_p90", 1.2), ("latency_p99", 1.5)):
        value = median * factor
        yield Measurement(timed, quantity, value, Basis.MEASURED, 300, value * 0.98, value * 1.02)
    if place:
        over = replace(timed, baseline=f"{subject.model} on the first")
        yield Measurement(over, "speedup", 1.0 + place, Basis.MEASURED, 20, 0.9 + place, 1.1 + place)
    offline = replace(timed, scenario="offline")
    yield Measurement(offline, "energy_per_example", median / 1000 * 40, Basis.MODELLED)
    yield Measurement(offline, "emissions_per_1k", median / 1000 * 40 * 0.1, Basis.MODELLED)
    at = replace(subject, batch_size=1, sequence_length=64)
    yield Measurement(at, "peak_memory", WEIGHTS[subject.model or ""] * (1.2 - 0.4 * place), Basis.MEASURED)


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


def with_systems(record: Record, share_right: float, wrong_on: Mapping[str, int]) -> Record:
    """A `quality_record` whose model is deployed too, see `system_record`."""
    subject = record.findings.measurements[0].subject
    made = system_record(str(subject.model), str(subject.task), share_right, wrong_on).findings
    deployed = tuple(m for m in made.measurements if m.subject.target)
    facts = replace(made.facts, training=record.findings.facts.training)
    measurements = (*record.findings.measurements, *deployed)
    return replace(record, findings=replace(record.findings, measurements=measurements, facts=facts))


def with_few_queries(record: Record, reasons: Mapping[str, str]) -> Record:
    """The record with an absence in place of each of the quantities; `reasons` by quantity."""
    found = record.findings
    kept = tuple(m for m in found.measurements if m.quantity not in reasons)
    absences = tuple(
        Absence(m.subject, reasons[m.quantity], m.quantity) for m in found.measurements if m.quantity in reasons
    )
    return replace(record, findings=replace(found, measurements=kept, absences=(*found.absences, *absences)))


def with_values(record: Record, values: Mapping[str, float], half_width: float | None = None) -> Record:
    """The record with other values of some quantities; their intervals so wide on both sides, None: they have none."""
    measurements = tuple(
        _with_value(m, values[m.quantity], half_width) if m.quantity in values else m
        for m in record.findings.measurements
    )
    return replace(record, findings=replace(record.findings, measurements=measurements))


def _with_value(measurement: Measurement, value: float, half_width: float | None) -> Measurement:
    low, high = (None, None) if half_width is None else (value - half_width, value + half_width)
    return replace(measurement, value=value, ci_low=low, ci_high=high)


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
        with_systems(
            quality_record("squeezebert", "sst2-synthetic", 0.84), 0.84, {"torch-cpu": 0, "onnxruntime-cpu-int8": 30}
        ),
        with_systems(quality_record("squeezebert-tiny", "sst2-synthetic", 0.80), 0.8, {"torch-cpu": 60}),
        quality_record("squeezebert", "rte-synthetic", 0.74),
        quality_record("squeezebert-tiny", "rte-synthetic", 0.66),
        efficiency_record("torch-cpu", ("bert-base", "squeezebert", "squeezebert-tiny")),
        efficiency_record("openvino-cpu", ("bert-base", "squeezebert", "squeezebert-tiny"), pace=0.5),
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
