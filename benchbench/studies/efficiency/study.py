"""Size, speed, memory, energy and carbon of several models on one target.

What `notebooks/efficiency.ipynb` calls, in this order: `load`, `size`, `speed`, `layers`, `footprint`, `limit`;
for what a service meets, `benchbench.studies.efficiency.serving` follows `speed`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from benchbench import caches, machine
from benchbench.errors import Missing
from benchbench.meters import roofline
from benchbench.meters.energy import MeterSettings, measure_idle
from benchbench.models import loading as models
from benchbench.models.source import ModelSource
from benchbench.quantities import Basis
from benchbench.records import Absence, Facts, Findings, Measurement, RaceFacts, Subject, join
from benchbench.studies.display import facts_table
from benchbench.studies.efficiency import sizes
from benchbench.studies.efficiency.budget import Budget
from benchbench.studies.efficiency.each_model import of_each
from benchbench.studies.efficiency.energy_costs import NO_TIME, UNWANTED, energy_costs
from benchbench.studies.efficiency.latencies import absences, latencies, speedups
from benchbench.studies.efficiency.layer_shares import layer_shares
from benchbench.studies.workers.allocation import Allocation, comparisons
from benchbench.studies.workers.footprint import footprint as footprint_of
from benchbench.studies.workers.footprint_worker import Footprint
from benchbench.studies.workers.race import Entrant, race
from benchbench.studies.workers.race_result import RaceResult
from benchbench.studies.workers.race_worker import SharedMeter
from benchbench.suites.schema import EfficiencyParameters
from benchbench.targets import catalogue
from benchbench.targets.protocol import Job, Shape, Target

_PASSES = 7  # of a model under the clocks of `layers`
_FOOTPRINTS_AT_ONCE = 2  # largest models may fill the memory of a small machine


@dataclass(frozen=True)
class EfficiencyStudy:
    """Which models run on which target at which shapes. `unavailable`: why the target cannot run here, or None.

    `against`: further targets that take part in the race, as baselines.
    """

    parameters: EfficiencyParameters
    target: Target
    against: tuple[Target, ...]
    sources: tuple[ModelSource, ...]
    shapes: tuple[Shape, ...]
    unavailable: str | None
    cache: Path

    @property
    def budget(self) -> Budget:
        wanted = self.parameters.scenarios
        races = 1 + sum(each is not None for each in (wanted.realistic, wanted.mixed_lengths))
        p = self.parameters
        return Budget.divide(p.budget_seconds, len(self.sources), races, energy=p.energy)

    @property
    def allocation(self) -> Allocation:
        """Of the budget, to the processes of each race."""
        return Allocation(self.parameters.processes, self.budget.race_seconds, self.parameters.interval_half_width)

    @property
    def subject(self) -> Subject:
        return Subject(target=self.target.name)

    @property
    def threads(self) -> int:
        """CPU threads of the target's engine, and of everything that is measured to stand beside it."""
        return machine.threads(self.target.threads)

    @property
    def meter(self) -> MeterSettings:
        """How the power that the target draws is read: for its models and for the idle machine alike."""
        t = self.target
        return MeterSettings(t.country or self.parameters.country, t.tdp_watts, t.tdp_source)

    def raced(self, result: RaceResult, lengths: str | None = None) -> RaceFacts:
        """What a race was allowed, and what it took."""
        most = self.allocation
        return RaceFacts(
            target=self.target.name,
            processes=result.processes,
            most_processes=most.processes,
            seconds=result.seconds,
            most_seconds=most.seconds,
            rounds=result.all_rounds,
            lengths=lengths,
        )

    def at(self, source: ModelSource, shape: Shape) -> Subject:
        """A model on the target at a shape."""
        return replace(
            self.subject,
            model=source.name,
            weights=models.label(source),
            batch_size=shape.batch_size,
            sequence_length=shape.sequence_length,
        )

    def _repr_html_(self) -> str:
        t = self.target
        facts = {
            "target": f"{t.name}: {t.description}",
            "here": self.unavailable or "available",
            "precision, threads": f"{t.precision}, {self.threads}",
            "models": ", ".join(source.name for source in self.sources),
            "shapes (batch × tokens)": ", ".join(f"{s.batch_size} × {s.sequence_length}" for s in self.shapes),
        }
        return facts_table(facts)


def load(**parameters: object) -> EfficiencyStudy:
    """Look up what the parameters (`EfficiencyParameters`) name. Raises `InputError` for an unknown name."""
    p = EfficiencyParameters.model_validate(parameters)
    target = catalogue.find(p.target)
    return EfficiencyStudy(
        parameters=p,
        target=target,
        against=tuple(catalogue.find(name) for name in p.against),
        sources=tuple(ModelSource(model, p.weights, seed=p.seed) for model in p.models),
        shapes=tuple(Shape(b, s) for s in p.sequence_lengths for b in p.batch_sizes),
        unavailable=catalogue.availability(target),
        cache=caches.prepared(),
    )


def size(study: EfficiencyStudy) -> Findings:
    """Parameters, bytes of weights and FLOPs of each model: counted, the same on every target."""
    return of_each(study.sources, lambda source: sizes.size(source, study.shapes), _anywhere, "parameters", "flops")


def speed(study: EfficiencyStudy) -> Findings:
    """Latency, throughput and paired speedups, from interleaved rounds in fresh processes."""
    if study.unavailable:
        return Findings((), (Absence(study.subject, study.unavailable),))
    entrants = [Entrant(source.name, source, study.target) for source in study.sources]
    others = [
        Entrant(f"{source.name} on {target.name}", source, target)
        for target in study.against
        if catalogue.availability(target) is None
        for source in study.sources
    ]
    p = study.parameters
    everyone = [*entrants, *others]
    compared = comparisons(study.shapes, [each.name for each in entrants], [each.name for each in everyone])
    result = race(
        everyone,
        study.shapes,
        allocation=study.allocation,
        cache=study.cache,
        seed=p.seed,
        compared=compared,
        meter=_shared_meter(study, entrants),
    )
    width = p.interval_half_width
    timed = latencies(result, entrants, width)
    times = (*timed.measurements, *speedups(result, entrants, everyone, width))
    recipe = Job(study.sources[0], study.target, study.shapes[0]).calibrated_on
    measured = tuple(replace(m, note="; ".join(filter(None, (m.note, recipe)))) for m in times)
    facts = Facts(engines=dict(catalogue.runtime_of(study.target).versions()), races=(study.raced(result),))
    absent = (*timed.absences, *absences(result, study.subject))
    return join([Findings(measured, absent, facts), *_shared_energy(study, result)])


def layers(study: EfficiencyStudy) -> Findings:
    """The share of time that each type of layer takes in PyTorch eager at the first shape, where it was asked for."""
    if not study.parameters.layer_times:
        return Findings()
    shape, threads = study.shapes[0], study.threads
    return of_each(
        study.sources,
        lambda source: layer_shares(source, shape, _anywhere(source), threads, _PASSES),
        _anywhere,
        "latency_share",
    )


def footprint(study: EfficiencyStudy) -> Findings:
    """Memory, energy and emissions of each model, in a fresh process of its own, at the first shape.

    And the idle machine's power, where it was asked for.
    """
    if study.unavailable:
        return Findings()
    idle = [_idle(study)] if study.parameters.idle_power else []
    each = of_each(
        study.sources,
        lambda source: _footprint(study, source),
        lambda source: study.at(source, study.shapes[0]),
        "peak_memory",
        side_by_side=_footprints_at_once(study),
    )
    return join([*idle, each])


def limit(study: EfficiencyStudy, size: Findings, speed: Findings) -> Findings:
    """The machine's GEMM peak and memory bandwidth, and how near each latency comes to the time its FLOPs need."""
    if study.unavailable:
        return Findings()
    t = study.target
    peak = roofline.gemm_peak(t.precision, study.threads, study.budget.peak_seconds, t.device)
    bandwidth = roofline.memory_bandwidth(study.threads, study.budget.peak_seconds / 2, t.device)
    found: list[Measurement] = []
    absent: list[Absence] = []
    for quantity, value in (("gemm_peak", peak), ("memory_bandwidth", bandwidth)):
        if isinstance(value, roofline.Peak):
            note = f"{value.detail}, threads: {value.threads}" if t.device == "cpu" else value.detail
            found.append(Measurement(study.subject, quantity, value.value, Basis.MEASURED, value.repeats, note=note))
        else:
            absent.append(Absence(study.subject, value.reason, quantity))
    if isinstance(peak, roofline.Peak):
        found += _against_peak(size, speed, peak.value)
    return Findings(tuple(found), tuple(absent))


def _anywhere(source: ModelSource) -> Subject:
    """A model, whatever it runs on."""
    return Subject(model=source.name, weights=models.label(source))


def _footprints_at_once(study: EfficiencyStudy) -> int:
    """A process's own memory is the same beside another one; energy, and what a device holds, are not."""
    alone = study.budget.energy_seconds or study.target.device != "cpu"
    return 1 if alone else min(_FOOTPRINTS_AT_ONCE, machine.threads())


def _footprint(study: EfficiencyStudy, source: ModelSource) -> Findings:
    shape = study.shapes[0]
    subject = study.at(source, shape)
    found = footprint_of(Job(source, study.target, shape), study.cache, 3, study.budget.energy_seconds, study.meter)
    parts = [_memory(found, subject), _copies(found, subject)]
    if found.energy is not None:
        parts.append(energy_costs(found.energy, None, found.examples, subject))
    elif not study.budget.shared_energy_seconds:
        reason = NO_TIME if study.parameters.energy else UNWANTED
        parts.append(Findings((), (Absence(subject, reason, "energy_per_example"),)))
    return join(parts)


def _shared_meter(study: EfficiencyStudy, entrants: Sequence[Entrant]) -> SharedMeter | None:
    seconds = study.budget.shared_energy_seconds
    names = tuple(entrant.name for entrant in entrants)
    return SharedMeter(names, study.shapes[0], seconds, study.meter) if seconds else None


def _shared_energy(study: EfficiencyStudy, result: RaceResult) -> Iterator[Findings]:
    if result.energy is None:
        return
    for source in study.sources:
        if source.name in result.energy.turns:
            seconds, queries = result.energy.turns[source.name]
            examples = queries * study.shapes[0].batch_size
            subject = study.at(source, study.shapes[0])
            yield energy_costs(result.energy.reading, seconds, examples, subject, shared=True)


def _idle(study: EfficiencyStudy) -> Findings:
    found = measure_idle(study.meter)
    subject = study.subject
    if isinstance(found, Missing):
        return Findings((), (Absence(subject, found.reason, "idle_power"),))
    return Findings(
        (Measurement(subject, "idle_power", found.watts, found.basis, found.samples, note=found.explanation),)
    )


def _memory(found: Footprint, subject: Subject) -> Findings:
    memory, device = found.memory, found.memory.device
    where = memory if device is None else device
    values: dict[str, int | Missing] = {
        "peak_memory": where.peak_bytes,
        "weights_memory": where.weights_bytes,
        "activation_memory": where.activation_bytes,
    }
    notes = dict.fromkeys(values, memory.said)
    if device is not None:
        beside = {
            "reserved_memory": (device.reserved_bytes, "device memory, by the engine's allocator"),
            "driver_memory": (device.used_bytes, "device memory, by the driver, the context and other processes in it"),
            "host_memory": (memory.peak_bytes, f"resident growth, {memory.method}"),
        }
        values |= {quantity: value for quantity, (value, _) in beside.items()}
        notes |= {quantity: note for quantity, (_, note) in beside.items()}
    return Findings(
        tuple(
            Measurement(subject, quantity, value, Basis.MEASURED, note=notes[quantity])
            for quantity, value in values.items()
            if not isinstance(value, Missing)
        ),
        tuple(Absence(subject, v.reason, quantity) for quantity, v in values.items() if isinstance(v, Missing)),
    )


def _copies(found: Footprint, subject: Subject) -> Findings:
    """What copying there and back takes of a query on an accelerator."""
    if not found.parts:
        return Findings()
    there, computing, back = (
        median(getattr(each, name) for each in found.parts) for name in ("to_device_ms", "compute_ms", "to_host_ms")
    )
    share = median(each.copy_share for each in found.parts)
    note = f"medians: {there:.3f} ms to the device, {computing:.3f} ms computing, {back:.3f} ms back"
    return Findings((Measurement(subject, "copy_share", share, Basis.MEASURED, len(found.parts), note=note),))


def _against_peak(size: Findings, speed: Findings, peak_flops: float) -> Iterator[Measurement]:
    """For each median latency: the FLOP/s reached, the share of the peak, the time that its FLOPs take at the peak."""
    flops = {
        (m.subject.model, m.subject.batch_size, m.subject.sequence_length): m.value
        for m in size.measurements
        if m.quantity == "flops"
    }
    for m in speed.measurements:
        key = (m.subject.model, m.subject.batch_size, m.subject.sequence_length)
        if m.quantity != "latency_p50" or key not in flops:
            continue
        seconds = m.value / 1000
        values = {
            "achieved_flops": flops[key] / seconds,
            "roofline_fraction": roofline.roofline_fraction(flops[key], seconds, peak_flops),
            "latency_floor": roofline.latency_floor_seconds(flops[key], peak_flops) * 1000,
        }
        for quantity, value in values.items():
            yield Measurement(m.subject, quantity, value, Basis.MEASURED, m.samples, stable=m.stable, note=m.note)
