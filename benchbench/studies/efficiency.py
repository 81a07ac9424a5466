"""Size, speed, memory, energy and carbon of several models on one target.

What `notebooks/efficiency.ipynb` calls, in this order: `load`, `size`, `speed`, `layers`, `footprint`, `limit`,
`findings`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

from platformdirs import user_cache_path

from benchbench.errors import InputError
from benchbench.measurement import Absence, Basis, Findings, Measurement, Subject, join
from benchbench.meters import roofline
from benchbench.meters.energy import JOULES_PER_KWH, EnergyReading, Refusal, grids, measure_idle
from benchbench.meters.machine import usable_cores
from benchbench.models import loading as models
from benchbench.models.source import ModelSource
from benchbench.studies import child, sizes
from benchbench.studies import footprint as footprints
from benchbench.studies.budget import Budget
from benchbench.studies.display import Shown
from benchbench.studies.latencies import latencies, speedups
from benchbench.studies.layer_shares import layer_shares
from benchbench.studies.parameters import EfficiencyParameters
from benchbench.studies.race import Entrant, race
from benchbench.targets import catalogue
from benchbench.targets.protocol import Shape, Target

_PASSES = 7  # of a model under the clocks of `layers`


@dataclass(frozen=True)
class EfficiencyStudy:
    """Which models run on which target at which shapes. `unavailable`: why the target cannot run here, or None."""

    parameters: EfficiencyParameters
    target: Target
    sources: tuple[ModelSource, ...]
    shapes: tuple[Shape, ...]
    unavailable: str | None
    cache: Path

    @property
    def budget(self) -> Budget:
        return Budget.divide(self.parameters.budget_seconds, len(self.sources))

    @property
    def subject(self) -> Subject:
        return Subject(target=self.target.name)

    def _repr_html_(self) -> str:
        t = self.target
        facts = {
            "target": f"{t.name}: {t.description}",
            "here": self.unavailable or "available",
            "precision, threads": f"{t.precision}, {t.threads or 'one per core'}",
            "models": ", ".join(source.name for source in self.sources),
            "shapes (batch × tokens)": ", ".join(f"{s.batch_size} × {s.sequence_length}" for s in self.shapes),
        }
        rows = "".join(f"<tr><th>{escape(key)}</th><td>{escape(value)}</td></tr>" for key, value in facts.items())
        return f"<table>{rows}</table>"


def load(**parameters: object) -> EfficiencyStudy:
    """Look up what the parameters (`EfficiencyParameters`) name. Raises `InputError` for an unknown name."""
    p = EfficiencyParameters.model_validate(parameters)
    target = catalogue.find(p.target)
    return EfficiencyStudy(
        parameters=p,
        target=target,
        sources=tuple(ModelSource(model, p.weights, seed=p.seed) for model in p.models),
        shapes=tuple(Shape(b, s) for s in p.sequence_lengths for b in p.batch_sizes),
        unavailable=catalogue.availability(target),
        cache=user_cache_path("benchbench", appauthor=False) / "prepared",
    )


def size(study: EfficiencyStudy) -> Shown:
    """Parameters, bytes of weights and FLOPs of each model: counted, the same on every target."""
    return Shown(join(sizes.size(source, study.shapes) for source in study.sources))


def speed(study: EfficiencyStudy) -> Shown:
    """Latency, throughput and paired speedups, from interleaved rounds in fresh processes."""
    if study.unavailable:
        return Shown(Findings((), (Absence(study.subject, study.unavailable),)))
    entrants = [Entrant(source.name, source, study.target) for source in study.sources]
    p = study.parameters
    result = race(
        entrants, study.shapes, processes=p.processes, seconds=study.budget.race_seconds, cache=study.cache, seed=p.seed
    )
    absences = tuple(
        Absence(replace(study.subject, model=name), f"not measured: {reason}")
        for name, reason in result.failures.items()
    )
    measured = (*latencies(result, entrants, p.interval_half_width), *speedups(result, entrants, p.interval_half_width))
    return Shown(
        Findings(measured, absences, {"race": {"processes": p.processes, "seconds": study.budget.race_seconds}})
    )


def layers(study: EfficiencyStudy) -> Shown:
    """The share of time that each type of layer takes in PyTorch eager at the first shape, where it was asked for."""
    if not study.parameters.layer_times:
        return Shown(Findings(()))
    subjects = ((source, Subject(model=source.name, weights=models.label(source))) for source in study.sources)
    return Shown(join(layer_shares(source, study.shapes[0], subject, _PASSES) for source, subject in subjects))


def footprint(study: EfficiencyStudy) -> Shown:
    """Memory, energy and emissions of each model, in a fresh process of its own, at the first shape.

    And the idle machine's power, where it was asked for.
    """
    if study.unavailable:
        return Shown(Findings(()))
    idle = [_idle(study)] if study.parameters.idle_power else []
    return Shown(join([*idle, *(_footprint(study, source) for source in study.sources)]))


def limit(study: EfficiencyStudy, size: Shown, speed: Shown) -> Shown:
    """The machine's GEMM peak and memory bandwidth, and how near each latency comes to the time its FLOPs need."""
    if study.unavailable:
        return Shown(Findings(()))
    t = study.target
    threads = t.threads or int(usable_cores())
    peak = roofline.gemm_peak(t.precision, threads, study.budget.peak_seconds, t.device)
    bandwidth = roofline.memory_bandwidth(threads, study.budget.peak_seconds / 2, t.device)
    found: list[Measurement] = []
    absent: list[Absence] = []
    for quantity, value in (("gemm_peak", peak), ("memory_bandwidth", bandwidth)):
        if isinstance(value, roofline.Peak):
            found.append(
                Measurement(study.subject, quantity, value.value, Basis.MEASURED, value.repeats, note=value.detail)
            )
        else:
            absent.append(Absence(replace(study.subject, part=quantity), value.reason))
    if isinstance(peak, roofline.Peak):
        found += _against_peak(size.findings, speed.findings, peak.value)
    return Shown(Findings(tuple(found), tuple(absent)))


def findings(*shown: Shown) -> Shown:
    """Everything that the record of this study holds."""
    return Shown(join(part.findings for part in shown))


def _footprint(study: EfficiencyStudy, source: ModelSource) -> Findings:
    shape = study.shapes[0]
    subject = replace(
        study.subject,
        model=source.name,
        weights=models.label(source),
        batch_size=shape.batch_size,
        sequence_length=shape.sequence_length,
    )
    try:
        found = footprints.footprint(
            source, study.target, shape, study.cache, 3, study.budget.energy_seconds, study.parameters.country
        )
    except (InputError, child.ChildFailed) as error:
        return Findings((), (Absence(subject, f"not measured: {error}"),))
    return join([_memory(found, subject), _energy(found, subject)])


def _idle(study: EfficiencyStudy) -> Findings:
    found = measure_idle(study.parameters.country)
    subject = Subject(part="idle")
    if isinstance(found, Refusal):
        return Findings((), (Absence(subject, found.reason),))
    return Findings(
        (Measurement(subject, "idle_power", found.watts, found.basis, found.samples, note=found.explanation),)
    )


def _memory(found: footprints.Footprint, subject: Subject) -> Findings:
    memory = found.memory
    peak = memory.peak_bytes if memory.device_peak_bytes is None else memory.device_peak_bytes
    note = f"resident growth, {memory.method}" if memory.device_peak_bytes is None else "device memory"
    values = {
        "peak_memory": peak,
        "weights_memory": memory.weights_bytes,
        "activation_memory": memory.activation_bytes,
    }
    return Findings(
        tuple(Measurement(subject, quantity, value, Basis.MEASURED, note=note) for quantity, value in values.items())
    )


def _energy(found: footprints.Footprint, subject: Subject) -> Findings:
    energy = found.energy
    if energy is None:
        reason = "the budget leaves less than the 10 s that an energy figure needs; give more with --budget"
        return Findings((), (Absence(replace(subject, part="energy"), reason),))
    if isinstance(energy, Refusal):
        return Findings((), (Absence(replace(subject, part="energy"), energy.reason),))
    return Findings(tuple(_energy_rows(energy, found.examples, subject)), facts={"energy": dict(energy.constants)})


def _energy_rows(energy: EnergyReading, examples: int, subject: Subject) -> Iterator[Measurement]:
    values = {
        "energy_per_example": energy.joules / examples,
        "emissions_per_1k": energy.emissions_g / examples * 1000,
        "power": energy.watts,
        "energy_cpu_share": energy.cpu_joules / energy.joules,
        "energy_gpu_share": energy.gpu_joules / energy.joules,
        "energy_ram_share": energy.ram_joules / energy.joules,
    }
    for quantity, value in values.items():
        yield Measurement(subject, quantity, value, energy.basis, energy.samples, note=energy.explanation)
    for grid in grids():
        grams = energy.joules / JOULES_PER_KWH * grid.intensity_g_per_kwh / examples * 1000
        part = f"{grid.country}, {grid.intensity_g_per_kwh:.0f} g/kWh"
        yield Measurement(replace(subject, part=part), "emissions_per_1k", grams, energy.basis, energy.samples)


def _against_peak(size: Findings, speed: Findings, peak_flops: float) -> Iterator[Measurement]:
    """For each median latency: the FLOP/s reached, the share of the peak, the time that its FLOPs take at the peak."""
    flops = {
        (m.subject.model, m.subject.batch_size, m.subject.sequence_length): m.value
        for m in size.measurements
        if m.quantity == "flops" and m.subject.part is None
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
            yield Measurement(m.subject, quantity, value, Basis.MEASURED, m.samples, stable=m.stable)
