"""A reading of energy as measurements: energy and emissions of an example, and what the number is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from benchbench.errors import Missing
from benchbench.meters.energy import EnergyReading, emissions_g, grids
from benchbench.records import NOT_ASKED, Absence, Findings, Measurement, Subject

SHARED = "Read while all models of the cell ran in turn, and shared among them by their time. "
UNWANTED = f"{NOT_ASKED}: the suite says energy: false"
NO_TIME = "the budget leaves less than the 10 s that an energy figure needs; give more with --budget"


def energy_costs(
    reading: EnergyReading | Missing, seconds: float | None, examples: int, subject: Subject, *, shared: bool = False
) -> Findings:
    """What `examples` examples cost that took `seconds` of the reading, None for all of it, at its mean power.

    `shared`: other models took the rest of the reading, which each row then says.
    """
    if isinstance(reading, Missing):
        return Findings((), (Absence(subject, reading.reason, "energy_per_example"),))
    joules = reading.joules if seconds is None else reading.watts * seconds
    rows = tuple(_rows(reading, joules / examples, subject, SHARED if shared else ""))
    return Findings(rows)


def _rows(reading: EnergyReading, joules: float, subject: Subject, preface: str) -> Iterator[Measurement]:
    """`joules`: of one example."""
    values = {
        "energy_per_example": joules,
        "emissions_per_1k": emissions_g(joules * 1000, reading.country),
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
        grams = emissions_g(joules * 1000, grid.country)
        yield Measurement(replace(subject, grid=label), "emissions_per_1k", grams, reading.basis, reading.samples)
