"""Energy of a target: the settings of its meter hold for models and the idle machine, and carbon follows the grid."""

from dataclasses import replace
from functools import partial

import pytest

from benchbench.errors import Missing
from benchbench.meters import energy
from benchbench.meters.energy import EnergyReading, MeterSettings, emissions_g
from benchbench.quantities import Basis
from benchbench.records import Subject
from benchbench.studies.efficiency import study as efficiency
from benchbench.studies.efficiency.energy_costs import energy_costs
from benchbench.targets.protocol import Target

READING = EnergyReading(20.0, 300.0, 0.0, 100.0, Basis.MODELLED, {}, 20, "FRA", {}, "modelled")


def study_of(target):
    study = efficiency.load(target="torch-cpu", models=("bert-tiny",), country="POL", idle_power=True)
    return replace(study, target=target)


def test_the_target_says_country_and_power_and_the_suite_the_country_where_it_does_not():
    declared = Target("board", "torch-eager", tdp_watts=15.0, tdp_source="data sheet", country="NOR")
    assert study_of(declared).meter == MeterSettings("NOR", 15.0, "data sheet")
    assert study_of(Target("plain", "torch-eager")).meter == MeterSettings("POL")


def test_idle_power_is_read_with_the_power_that_the_target_declares(monkeypatch):
    monkeypatch.setattr(energy, "MIN_SECONDS", 1.0)
    monkeypatch.setattr(energy, "MIN_SAMPLES", 1)
    monkeypatch.setattr(efficiency, "measure_idle", partial(energy.measure_idle, seconds=1.5))
    declared = Target("board", "torch-eager", tdp_watts=1234.0, tdp_source="data sheet")
    (idle,) = efficiency._idle(study_of(declared)).measurements
    if idle.basis is Basis.MEASURED:
        pytest.skip("this machine has a power counter")
    assert "a TDP of 1234.0 W (data sheet)" in idle.note
    assert idle.value > 123.4  # at rest, codecarbon charges a tenth of it and memory


def test_emissions_are_those_of_the_readings_country_and_of_each_grid():
    rows = energy_costs(READING, None, 100, Subject(model="m")).measurements
    of = {(row.quantity, row.subject.grid): row.value for row in rows}
    assert of["energy_per_example", None] == 4
    assert of["power", None] == 20
    assert of["emissions_per_1k", None] == pytest.approx(emissions_g(4000, "FRA"))
    grids = {grid[:3]: value for (_, grid), value in of.items() if grid}
    assert grids == {
        country: pytest.approx(emissions_g(4000, country)) for country in ("NOR", "FRA", "USA", "POL", "IND")
    }


def test_a_part_of_a_shared_reading_is_charged_by_its_time():
    rows = energy_costs(READING, 5.0, 100, Subject(model="m"), shared=True).measurements
    assert next(row.value for row in rows if row.quantity == "energy_per_example") == 1


def test_without_a_reading_the_reason_stands_where_energy_would():
    found = energy_costs(Missing("too short"), 5.0, 100, Subject(model="m"))
    assert [absence.reason for absence in found.absences] == ["too short"]
    assert not found.measurements
