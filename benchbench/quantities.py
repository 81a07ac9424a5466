"""What is measured: each quantity with its unit, its direction and how it is made.

Imports nothing heavy, so that reading a record costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
