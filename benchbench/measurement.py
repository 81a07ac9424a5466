"""The vocabulary of the suite: quantities with their units, measurements, records.

Imports neither torch nor pandas, so that reading a record costs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Basis(StrEnum):
    """Where a value comes from."""

    MEASURED = "measured"  # a clock, a counter, a power meter
    COUNTED = "counted"  # FLOPs, parameters
    MODELLED = "modelled"  # power from a TDP or a constant
    PUBLISHED = "published"  # from a paper


Direction = Literal["lower", "higher", "neither"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A kind of value: its unit, which direction is better, and a title for people."""

    name: str
    unit: str
    better: Direction
    title: str


_LOWER: Direction = "lower"
_HIGHER: Direction = "higher"
_NEITHER: Direction = "neither"

QUANTITIES: Mapping[str, Quantity] = {
    q.name: q
    for q in (
        Quantity("parameters", "1", _LOWER, "Parameters"),
        Quantity("weight_bytes", "B", _LOWER, "Weights"),
        Quantity("macs", "MAC", _LOWER, "Multiply-accumulates"),
        Quantity("flops", "FLOP", _LOWER, "FLOPs"),
        Quantity("flops_other", "FLOP", _LOWER, "FLOPs outside matrix work"),
        Quantity("flops_share", "1", _NEITHER, "Share of FLOPs"),
        Quantity("latency_p50", "ms", _LOWER, "Latency p50"),
        Quantity("latency_p90", "ms", _LOWER, "Latency p90"),
        Quantity("latency_p99", "ms", _LOWER, "Latency p99"),
        Quantity("latency_mean", "ms", _LOWER, "Latency mean"),
        Quantity("latency_floor", "ms", _NEITHER, "Latency at GEMM peak"),
        Quantity("latency_share", "1", _NEITHER, "Share of latency"),
        Quantity("speedup", "1", _HIGHER, "Speedup"),
        Quantity("throughput", "examples/s", _HIGHER, "Throughput"),
        Quantity("largest_batch", "1", _HIGHER, "Largest batch in the memory limit"),
        Quantity("server_rate", "queries/s", _HIGHER, "Queries per second within the p99 bound"),
        Quantity("padding_waste", "1", _LOWER, "Padding waste"),
        Quantity("weights_memory", "B", _LOWER, "Memory of loaded weights"),
        Quantity("activation_memory", "B", _LOWER, "Memory of activations"),
        Quantity("peak_memory", "B", _LOWER, "Peak memory"),
        Quantity("energy_per_example", "J", _LOWER, "Energy per example"),
        Quantity("energy_cpu_share", "1", _NEITHER, "Share of energy: CPU"),
        Quantity("energy_gpu_share", "1", _NEITHER, "Share of energy: GPU"),
        Quantity("energy_ram_share", "1", _NEITHER, "Share of energy: RAM"),
        Quantity("emissions_per_1k", "gCO2eq", _LOWER, "Emissions per 1000 examples"),
        Quantity("power", "W", _LOWER, "Power"),
        Quantity("idle_power", "W", _LOWER, "Idle power"),
        Quantity("gemm_peak", "FLOP/s", _HIGHER, "GEMM peak of the machine"),
        Quantity("memory_bandwidth", "B/s", _HIGHER, "Memory bandwidth of the machine"),
        Quantity("achieved_flops", "FLOP/s", _HIGHER, "Achieved FLOP/s"),
        Quantity("roofline_fraction", "1", _HIGHER, "Fraction of GEMM peak"),
        Quantity("accuracy", "1", _HIGHER, "Accuracy"),
        Quantity("accuracy_mismatched", "1", _HIGHER, "Accuracy (mismatched)"),
        Quantity("f1", "1", _HIGHER, "F1"),
        Quantity("matthews_correlation", "1", _HIGHER, "Matthews correlation"),
        Quantity("pearson", "1", _HIGHER, "Pearson correlation"),
        Quantity("spearman", "1", _HIGHER, "Spearman correlation"),
        Quantity("exact_match", "1", _HIGHER, "Exact match"),
        Quantity("glue_score", "1", _HIGHER, "GLUE score"),
        Quantity("train_loss", "1", _LOWER, "Training loss"),
        Quantity("train_examples", "1", _NEITHER, "Training examples"),
        Quantity("train_time", "s", _LOWER, "Training time"),
        Quantity("train_energy", "J", _LOWER, "Training energy"),
        Quantity("train_emissions", "gCO2eq", _LOWER, "Training emissions"),
        Quantity("train_throughput", "examples/s", _HIGHER, "Training throughput"),
        Quantity("train_padding_waste", "1", _LOWER, "Padding waste in training"),
    )
}


REALISTIC = "realistic lengths"
"""The `part` of a subject whose queries are as long as a task's texts, not of one shape."""

ONE_ANSWER = "the same answer to every example: training did not converge"
"""The `note` of a score that says nothing about the model."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a value belongs to. Fields that do not apply are None.

    `weights` and `data` always say what they are: 'random', 'hub:ID@REVISION', 'local:NAME' and
    'synthetic', 'hub:ID@REVISION', 'local:NAME'. `baseline` is the model that a paired ratio divides by
    ('model' or 'model on target'). `scenario` is 'single-stream', 'offline', 'server' or None.
    `recipe` names the way of training, where a suite compares several.
    `part` names a slice of the whole: a layer type, a training step, a grid, a metric's split.
    """

    model: str | None = None
    weights: str | None = None
    task: str | None = None
    data: str | None = None
    target: str | None = None
    scenario: str | None = None
    batch_size: int | None = None
    sequence_length: int | None = None
    seed: int | None = None
    baseline: str | None = None
    recipe: str | None = None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value of one quantity (in the unit that `QUANTITIES` gives) for one subject.

    `ci_low`, `ci_high`: a 95 % interval, None where there is none. `samples`: how many observations stand
    behind the value. `stable` is False when the interval stayed wider than the suite allows.
    """

    subject: Subject
    quantity: str
    value: float
    basis: Basis
    samples: int = 1
    ci_low: float | None = None
    ci_high: float | None = None
    stable: bool = True
    note: str = ""

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES:
            raise ValueError(f"unknown quantity {self.quantity!r}")
        if not math.isfinite(self.value):
            raise ValueError(f"{self.quantity} of {self.subject.model} is {self.value}, not a finite number")

    @property
    def unit(self) -> str:
        return QUANTITIES[self.quantity].unit


@dataclass(frozen=True, slots=True)
class Absence:
    """A value that could not be had, with the reason: shown where the number would be."""

    subject: Subject
    reason: str

    @property
    def whole_target(self) -> bool:
        """Whether nothing at all could be had on the subject's target: no model, no part, no scenario narrows it."""
        narrowed = self.subject.model or self.subject.part or self.subject.scenario
        return self.subject.target is not None and not narrowed


@dataclass(frozen=True, slots=True)
class Findings:
    """What a study hands to its notebook: measurements, what is absent, and facts a reader needs.

    `facts` is plain JSON (settings used, constants of the power model, learning curves, library versions).
    """

    measurements: tuple[Measurement, ...]
    absences: tuple[Absence, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)


def join(parts: Iterable[Findings]) -> Findings:
    """Several findings as one; facts of later parts win on equal keys, facts that are mappings are joined."""
    parts = tuple(parts)
    facts: dict[str, object] = {}
    for part in parts:
        for name, fact in part.facts.items():
            known = facts.get(name)
            facts[name] = {**known, **fact} if isinstance(known, Mapping) and isinstance(fact, Mapping) else fact
    return Findings(
        measurements=tuple(m for part in parts for m in part.measurements),
        absences=tuple(a for part in parts for a in part.absences),
        facts=facts,
    )


Study = Literal["quality", "efficiency"]
Outcome = Literal["finished", "failed"]


@dataclass(frozen=True, slots=True)
class Record:
    """One cell's findings, with what it was and where it came from.

    `parameters`: what the notebook was given, local folders by name only. `started`, `finished`: UTC, ISO 8601.
    `provenance`: versions, hashes and the machine, never environment variables, user names or home paths.
    `reason`: for a failed cell, one line.
    """

    cell: str
    study: Study
    parameters: Mapping[str, object]
    outcome: Outcome
    started: str
    finished: str
    provenance: Mapping[str, object]
    findings: Findings = Findings(measurements=())
    reason: str = ""
