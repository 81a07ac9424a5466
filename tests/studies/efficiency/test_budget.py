"""How a cell's time is divided, and what a cell says of energy with each division."""

import pytest

from benchbench.meters.energy import MIN_SECONDS
from benchbench.studies.efficiency import study as efficiency
from benchbench.studies.efficiency.budget import Budget


@pytest.mark.parametrize(("seconds", "models"), [(1, 1), (16, 2), (33, 4), (70, 4), (600, 4), (5, 40)])
def test_the_parts_add_up_and_leave_time_for_the_race(seconds, models):
    budget = Budget.divide(seconds, models)
    energy = budget.energy_seconds * models + budget.shared_energy_seconds
    assert budget.race_seconds + energy + budget.peak_seconds == pytest.approx(seconds)
    assert budget.race_seconds > 0.1 * seconds
    assert all(part == 0 or part >= MIN_SECONDS for part in (budget.energy_seconds, budget.shared_energy_seconds))


def test_more_time_gives_each_model_a_reading_of_its_own():
    assert Budget.divide(600, 4).energy_seconds > 0
    assert Budget.divide(30, 4).shared_energy_seconds > 0
    assert Budget.divide(10, 4).energy_seconds == Budget.divide(10, 4).shared_energy_seconds == 0


def test_a_shared_reading_is_divided_by_time_and_says_so():
    models = ("minilm-l6", "bert-tiny")
    study = efficiency.load(target="onnxruntime-cpu", models=models, batch_sizes=(1,), budget_seconds=16, processes=1)
    rows = {(m.subject.model, m.quantity): m for m in efficiency.speed(study).measurements if m.subject.grid is None}
    large, small = (rows[model, "energy_per_example"] for model in models)
    assert "all models of the cell ran in turn" in large.note
    assert large.value > 2 * small.value
    for model, energy in (("minilm-l6", large), ("bert-tiny", small)):
        seconds = energy.value / rows[model, "power"].value
        assert 0.25 < seconds / (rows[model, "latency_mean"].value / 1000) < 4  # other work may slow one of the two


def test_where_no_energy_is_asked_for_the_race_has_its_time_and_the_row_says_why_there_is_none():
    with_energy, without = Budget.divide(60, 4), Budget.divide(60, 4, energy=False)
    assert without.energy_seconds == without.shared_energy_seconds == 0
    assert without.race_seconds > with_energy.race_seconds + MIN_SECONDS
    study = efficiency.load(target="onnxruntime-cpu", models=("bert-tiny",), budget_seconds=60, energy=False)
    (absence,) = efficiency.footprint(study).absences
    assert (absence.quantity, "energy: false" in absence.reason) == ("energy_per_example", True)
