"""A reading of energy as measurements: energy and emissions of an example, and what the number is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from benchbench.meters.energy import JOULES_PER_KWH, EnergyReading, Refusal, grids
from benchbench.records import Absence, Findings, Measurement, Subject

SHARED = "Read while all models of the cell ran in turn, and shared among them by their time. "
NO_TIME = "the budget leaves less than the 10 s that an energy figure needs; give more with --budget"


def energy_costs(
    reading: EnergyReading | Refusal, seconds: float, examples: int, subject: Subject, *, shared: bool = False
) -> Findings:
    """What `examples` examples cost that took `seconds` of the reading, at its mean power.

    `shared`: other models took the rest of the reading, which each row then says.
    """
    if isinstance(reading, Refusal):
        return Findings((), (Absence(subject, reading.reason, "energy_per_example"),))
    rows = tuple(_rows(reading, reading.watts * seconds / examples, subject, SHARED if shared else ""))
    return Findings(rows)


def _rows(reading: EnergyReading, joules: float, subject: Subject, preface: str) -> Iterator[Measurement]:
    """`joules`: of one example."""
    values = {
        "energy_per_example": joules,
        "emissions_per_1k": joules * 1000 / JOULES_PER_KWH * reading.grid_intensity_g_per_kwh,
        "power": reading.watts,
        "energy_cpu_share": reading.cpu_joules / reading.joules,
        "energy_gpu_share": reading.gpu_joules / reading.joules,
        "energy_ram_share": reading.ram_joules / reading.joules,
    }
    note = preface + reading.explanation
    for quantity, value in values.items():
        yield Measurement(subject, quantity, value, reading.basis, reading.samples, note=note)
    for grid in grids():
        label = f"{grid.country}, {grid.intensity_g_per_kwh:.0f} g/kWh"
        grams = joules * 1000 / JOULES_PER_KWH * grid.intensity_g_per_kwh
        yield Measurement(replace(subject, grid=label), "emissions_per_1k", grams, reading.basis, reading.samples)
