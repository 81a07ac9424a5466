from __future__ import annotations

import json

import pytest

from benchbench.report.choice.pick import pick
from benchbench.report.view import labelled


@pytest.fixture
def view(example_run):
    return labelled(example_run.measurements)


def test_without_demands_the_answer_takes_least_energy(view):
    choice = pick(view)

    assert (choice.best.model, choice.best.target) == ("squeezebert-tiny", "cpu-fast")
    assert len(choice.fitting) == 6


def test_a_quality_floor_excludes_what_scores_lower_and_what_was_not_scored(view):
    choice = pick(view, min_quality=0.75)

    assert (choice.best.model, choice.best.target) == ("squeezebert", "cpu-fast")
    reasons = {rejection.candidate.model: rejection.reasons for rejection in choice.rejected}
    assert reasons["squeezebert-tiny"] == ("quality below the bound",)
    assert reasons["bert-base"] == ("quality not measured",)
    assert choice.origin == "synthetic"


def test_bounds_on_latency_and_memory(view):
    choice = pick(view, max_p99_ms=60, max_memory_bytes=250e6)

    assert {(c.model, c.target) for c in choice.fitting} == {
        ("squeezebert", "cpu-fast"),
        ("squeezebert-tiny", "cpu-fast"),
        ("squeezebert-tiny", "cpu-eager"),
    }


def test_what_a_million_requests_cost(view):
    choice = pick(view, min_quality=0.75)

    joules = 35.0 / 1000 * 40  # 35 ms at 40 W
    assert choice.best.kwh_per_million == pytest.approx(joules * 1e6 / 3.6e6)
    assert choice.best.kg_co2eq_per_million == pytest.approx(joules * 0.1)


def test_demands_that_nothing_meets_have_no_answer_but_reasons(view):
    choice = pick(view, max_p99_ms=0.001)

    assert choice.best is None
    assert len(choice.rejected) == 6


def test_a_choice_is_plain_json(view):
    assert json.loads(json.dumps(pick(view).as_json()))["best"]["model"] == "squeezebert-tiny"


def test_a_run_without_latencies_offers_nothing(make_run):
    assert pick(labelled(make_run(records=()).measurements)).fitting == ()
