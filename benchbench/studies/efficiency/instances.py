"""What each way to fill a CPU with processes gives: throughput, tails of queries, memory and energy."""

from __future__ import annotations

from dataclasses import replace

from benchbench import machine
from benchbench.meters.energy import READING_SECONDS
from benchbench.models.source import ModelSource
from benchbench.quantities import Basis
from benchbench.records import Absence, Findings, Measurement, Subject, join
from benchbench.studies.efficiency.each_model import of_each
from benchbench.studies.efficiency.energy_costs import energy_costs
from benchbench.studies.efficiency.latencies import TAILS, measured_or_absent
from benchbench.studies.efficiency.study import EfficiencyStudy
from benchbench.studies.instances import partitions
from benchbench.studies.instances.contest import Conditions, Contest, hold
from benchbench.studies.instances.filling import Load
from benchbench.studies.instances.partitions import Partition
from benchbench.suites.schema import Instances
from benchbench.targets import artefacts
from benchbench.targets.protocol import Job, Shape
from benchbench.targets.session import has_queue


def filled(study: EfficiencyStudy) -> Findings:
    """Each way to share the cores among processes, where it was asked for, at every batch size and the first length.

    A way that fails is an absence with its reason.
    """
    wanted = study.parameters.scenarios.instances
    if study.unavailable or wanted is None:
        return Findings()
    if reason := _impossible(study):
        return Findings((), (Absence(replace(study.subject, scenario="instances"), reason, "instances_gain"),))
    return of_each(
        study.sources,
        lambda source: _of_model(study, source, wanted),
        lambda source: replace(study.at(source, study.shapes[0]), scenario="instances", batch_size=None),
        "instances_gain",
    )


def _impossible(study: EfficiencyStudy) -> str | None:
    device = study.target.device
    return machine.cannot_pin() if device == "cpu" else f"several instances fill a CPU, and this target is on {device}"


def _of_model(study: EfficiencyStudy, source: ModelSource, wanted: Instances) -> Findings:
    shapes = [shape for shape in study.shapes if shape.sequence_length == study.shapes[0].sequence_length]
    prepared = [artefacts.prepare(Job(source, study.target, shape), study.cache) for shape in shapes]
    contest = hold(prepared, _conditions(study, wanted))
    parts = [_of_partition(study, source, contest, partition, shapes) for partition in contest.fillings]
    failed = tuple(
        Absence(_subject(study, source, shapes[0], partition, every_batch=True), missing.reason)
        for partition, missing in contest.failures.items()
    )
    return join([*parts, Findings((), failed)])


def _conditions(study: EfficiencyStudy, wanted: Instances) -> Conditions:
    listed = None if wanted.partitions == "auto" else [partitions.read(text) for text in wanted.partitions]
    return Conditions(
        partitions=listed,
        queue=has_queue(study.target),
        apart=machine.usable_cores_apart()[: study.threads],
        load=Load(wanted.seconds, READING_SECONDS if wanted.energy else 0.0, study.meter),
        rounds=wanted.rounds,
        seed=study.parameters.seed,
    )


def _of_partition(
    study: EfficiencyStudy, source: ModelSource, contest: Contest, partition: Partition, shapes: list[Shape]
) -> Findings:
    at_shapes = [_at(study, source, contest, partition, shape) for shape in shapes]
    subject = _subject(study, source, shapes[0], partition)
    all_batches = _subject(study, source, shapes[0], partition, every_batch=True)
    memory = Measurement(all_batches, "instances_memory", contest.memory_bytes(partition), Basis.MEASURED)
    energy = contest.energy(partition)
    costs = energy_costs(energy.reading, energy.seconds, round(energy.examples), subject) if energy else Findings()
    here = tuple(m for m in costs.measurements if m.subject.grid is None)  # other grids are told of one process alone
    return join([*at_shapes, Findings((memory,)), replace(costs, measurements=here)])


def _at(study: EfficiencyStudy, source: ModelSource, contest: Contest, partition: Partition, shape: Shape) -> Findings:
    """Throughput, gain and percentiles at one shape."""
    width = study.parameters.interval_half_width
    subject, note = _subject(study, source, shape, partition), contest.disturbed(shape, partition)
    rounds, queries = contest.rounds(shape, partition), contest.queries(partition, shape)
    parts = [measured_or_absent(subject, "throughput", contest.rate(partition, shape), rounds, width, note)]
    if partition != contest.compared_with and contest.compared_with in contest.fillings:
        both = shape, partition, contest.compared_with
        gain, of_both = contest.gain(partition, shape), contest.rounds(*both)
        parts.append(measured_or_absent(subject, "instances_gain", gain, of_both, width, contest.disturbed(*both)))
    tails = {quantity: contest.percentile(partition, shape, q) for quantity, q in TAILS.items()}
    for quantity, found in {"latency_p50": contest.median(partition, shape), **tails}.items():
        parts.append(measured_or_absent(subject, quantity, found, queries, width, note))
    return join(parts)


def _subject(
    study: EfficiencyStudy, source: ModelSource, shape: Shape, partition: Partition, *, every_batch: bool = False
) -> Subject:
    subject = replace(study.at(source, shape), scenario="instances", instances=str(partition))
    return replace(subject, batch_size=None) if every_batch else subject
