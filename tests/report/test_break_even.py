"""From how many requests on the model that is dearer to train is cheaper in all; what it costs to reach a score."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import example_runs as example
import pytest

from benchbench.errors import InputError
from benchbench.quantities import Basis
from benchbench.records import LearningPoint, Measurement
from benchbench.report.content import content
from benchbench.report.costs.break_even import (
    Always,
    Cost,
    Never,
    NotToldApart,
    PaysFrom,
    PaysUntil,
    break_even,
)
from benchbench.report.costs.in_all import FROM_TEXT, FROM_TOKENS, costs_in_all
from benchbench.report.costs.requests import requests_from, requests_in_words
from benchbench.report.view import Estimate, labelled, named, systems, unmeasured

TASK = "sst2-synthetic"
FEW = {"train_energy": 100.0, "train_emissions": 10.0, "train_time": 50.0}
MANY = {"train_energy": 400.0, "train_emissions": 40.0, "train_time": 170.0}
DEAR = {"energy_per_example": 0.5, "emissions_per_1k": 50.0, "latency_p50": 30.0}
FRUGAL = {"energy_per_example": 0.2, "emissions_per_1k": 20.0, "latency_p50": 18.0}


def system(model, values, score=0.84, targets=("torch-cpu",), half_width=None, seed=0):
    record = example.with_systems(
        example.quality_record(model, TASK, score, seed=seed), score, dict.fromkeys(targets, 0)
    )
    return example.with_values(record, values, half_width)


def costed(run):
    measured = run.measurements
    return costs_in_all(labelled(measured), systems(measured), unmeasured(run.absences, named(measured)))


def section(run):
    return next(each for each in content(run, (), {}).sections if each.key == "break-even")


def table(run, key="break-even"):
    return next((each for each in section(run).tables if each.key == key), None)


def rows(found):
    heads = [column.title for column in found.columns]
    return [{head: f"{e.text} {e.interval}".strip() for head, e in zip(heads, row, strict=True)} for row in found.rows]


def cost(fixed, value, half_width=None):
    if half_width is None:
        return Cost(fixed, Estimate(value))
    return Cost(fixed, Estimate(value, value - half_width, value + half_width))


@pytest.mark.parametrize(
    ("candidate", "other", "outcome"),
    [
        (cost(400, 2), cost(100, 5), PaysFrom(100)),  # 300 more at first, 3 less each
        (cost(100, 5), cost(400, 2), PaysUntil(100)),
        (cost(100, 2), cost(400, 5), Always()),
        (cost(100, 2), cost(100, 5), Always()),
        (cost(400, 5), cost(100, 2), Never()),
        (cost(400, 5), cost(100, 5), Never()),
        (cost(100, 5), cost(100, 5), NotToldApart()),
        (cost(400, 2, half_width=3), cost(100, 5, half_width=1), NotToldApart()),  # 3 ± √10
    ],
)
def test_when_one_is_cheaper_in_all(candidate, other, outcome):
    assert break_even(candidate, other) == outcome


def test_at_the_break_even_both_have_cost_the_same():
    candidate, other = cost(400, 2), cost(100, 5)

    assert candidate.total(100) == other.total(100) == 600


def test_the_interval_is_that_of_the_difference_of_a_request():
    found = break_even(cost(400, 2, half_width=0.3), cost(100, 5, half_width=0.4))

    assert isinstance(found, PaysFrom)
    assert (found.low, found.high) == (pytest.approx(300 / 3.5), pytest.approx(300 / 2.5))  # 3 ± √(0.3² + 0.4²)


def test_a_lopsided_interval_stays_so():
    candidate, other = Cost(400, Estimate(2, 1, 2.3)), Cost(100, Estimate(5, 4.6, 7))
    found = break_even(candidate, other)

    assert isinstance(found, PaysFrom)
    assert found.low == pytest.approx(300 / (3 + sqrt(1**2 + 2**2)))
    assert found.high == pytest.approx(300 / (3 - sqrt(0.3**2 + 0.4**2)))


def test_the_report_has_the_break_even_of_two_models_as_computed_by_hand(make_run):
    run = make_run(
        [system("squeezebert", {**FEW, **DEAR}, score=0.84), system("squeezebert-tiny", {**MANY, **FRUGAL}, score=0.85)]
    )
    (row,) = rows(table(run))

    assert (row["Cheaper to train"], row["Dearer to train"]) == ("squeezebert", "squeezebert-tiny")
    assert (row["Task"], row["Target"]) == (TASK, "torch-cpu")
    assert row["Pays off: energy"] == "from 1k"  # (400 - 100) J / (0.5 - 0.2) J
    assert row["Pays off: carbon"] == "from 1k"  # (40 - 10) g / (0.050 - 0.020) g
    assert row["Pays off: time and money"] == "from 10k"  # (170 - 50) s / (30 - 18) ms
    assert row["More to train"].startswith("300")
    assert [figure.key for figure in section(run).figures] == [f"total-energy-{TASK}-synthetic"]


def test_training_counts_with_its_mean_over_seeds(make_run):
    run = make_run(
        [
            system("squeezebert", {**FEW, **DEAR}),
            system("squeezebert-tiny", {**MANY, **FRUGAL, "train_energy": 300.0}, seed=0),
            system("squeezebert-tiny", {**MANY, **FRUGAL, "train_energy": 500.0}, seed=1),
        ]
    )

    assert rows(table(run))[0]["Pays off: energy"] == "from 1k"


def test_latencies_that_are_not_told_apart_say_so_beside_an_energy_that_is(make_run):
    near = [("squeezebert", {**FEW, **DEAR}, 30.0), ("squeezebert-tiny", {**MANY, **FRUGAL}, 29.0)]
    run = make_run(
        [example.with_values(system(model, values), {"latency_p50": ms}, half_width=1.0) for model, values, ms in near]
    )
    (row,) = rows(table(run))

    assert (row["Pays off: energy"], row["Pays off: time and money"]) == ("from 1k", "not told apart")


def test_a_model_that_scores_lower_has_no_break_even(make_run):
    run = make_run(
        [system("squeezebert", {**FEW, **DEAR}, score=0.9), system("squeezebert-tiny", {**MANY, **FRUGAL}, score=0.6)]
    )

    assert table(run) is None


def test_models_meet_on_each_target_they_share_and_where_each_takes_least(make_run):
    tfidf = system("squeezebert", {**FEW, **DEAR}, targets=("torch-cpu",))
    other = system("squeezebert-tiny", {**MANY, **FRUGAL}, targets=("openvino-cpu",))

    assert [row["Target"] for row in rows(table(make_run([tfidf, other])))] == ["torch-cpu, openvino-cpu"]


def test_a_pair_without_a_break_even_is_counted_with_its_answer(make_run):
    both = ("torch-cpu", "openvino-cpu")
    first = system("squeezebert", {**FEW, **DEAR}, targets=both)
    second = system("squeezebert-tiny", {**MANY, **FRUGAL}, targets=both)
    dearer = tuple(
        replace(m, value=0.9) if m.quantity == "energy_per_example" and m.subject.target == "openvino-cpu" else m
        for m in second.findings.measurements
        if not (m.subject.target == "openvino-cpu" and m.quantity in ("latency_p50", "emissions_per_1k"))
    )
    run = make_run([first, replace(second, findings=replace(second.findings, measurements=dearer))])
    found = table(run)

    assert [row["Target"] for row in rows(found)] == ["torch-cpu"]
    assert any(note.endswith("in all: 1 never.") for note in found.notes)


def test_a_checkpoint_that_was_not_trained_has_no_cost_in_all(make_run):
    run = make_run([example.system_record("squeezebert", TASK, 0.9, {"torch-cpu": 0})])
    (found,) = costed(run)

    assert found.costs.energy.reason == found.costs.time.reason == "training not measured"


def test_an_energy_that_could_not_be_read_says_why_where_the_break_even_would_be(make_run):
    without = [
        example.with_few_queries(system(model, values), {"train_energy": "8.6 s are too short", "train_emissions": ""})
        for model, values in (("squeezebert", {**FEW, **DEAR}), ("squeezebert-tiny", {**MANY, **FRUGAL}))
    ]
    (row,) = rows(table(make_run(without)))

    assert row["Pays off: energy"] == row["Pays off: carbon"] == "8.6 s are too short"
    assert row["Pays off: time and money"] == "from 10k"


def test_a_request_is_timed_from_tokens_where_text_was_not_timed(make_run):
    run = make_run([system("squeezebert", {**FEW, **DEAR})])
    (found,) = costed(run)

    assert found.costs.timed == FROM_TOKENS
    assert found.costs.time.fixed == 50
    assert found.costs.time.each.value == pytest.approx(0.030)
    assert found.costs.money(0.36).total(1000) == pytest.approx(0.0001 * (50 + 30))


def test_a_request_is_counted_from_its_text_where_that_was_measured(make_run):
    record = system("squeezebert", {**FEW, **DEAR})
    timed = next(m for m in record.findings.measurements if m.quantity == "latency_p50").subject
    at = replace(timed, scenario=None, lengths=None, batch_size=None)
    more = (
        Measurement(timed, "text_latency_p50", 40.0, Basis.MEASURED),
        Measurement(replace(timed, scenario="offline"), "tokenisation_energy", 0.1, Basis.MODELLED),
        Measurement(at, "prepare_time", 7.0, Basis.MEASURED),
    )
    findings = replace(record.findings, measurements=(*record.findings.measurements, *more))
    (found,) = costed(make_run([replace(record, findings=findings)]))

    assert found.costs.timed == FROM_TEXT
    assert (found.costs.time.fixed, found.costs.time.each.value) == (57.0, pytest.approx(0.040))  # 50 + 7 s, 40 ms
    assert found.costs.energy.each.value == pytest.approx(0.6)  # 0.5 + 0.1 J
    assert found.costs.carbon.each.value == pytest.approx(0.06)  # 0.05 g × 0.6 / 0.5


def test_a_request_of_a_batch_has_its_share_of_the_time(make_run):
    record = system("squeezebert", {**FEW, **DEAR})
    eight = tuple(
        replace(m, subject=replace(m.subject, batch_size=8)) if m.subject.lengths else m
        for m in record.findings.measurements
    )
    (found,) = costed(make_run([replace(record, findings=replace(record.findings, measurements=eight))]))

    assert found.costs.time.each.value == pytest.approx(0.030 / 8)
    assert found.costs.energy.each.value == pytest.approx(0.5)  # of an example already


def test_what_a_score_costs_is_read_off_the_learning_curves(make_run):
    fast = _with_curve(example.quality_record("squeezebert", TASK, 0.9), [(10, 0.5), (20, 0.8), (40, 0.9)])
    slow = _with_curve(example.quality_record("squeezebert-tiny", TASK, 0.8), [(4, 0.6), (8, 0.7), (16, 0.8)])
    run = make_run(
        [
            example.with_values(fast, {"train_time": 40.0, "train_energy": 1000.0}),
            example.with_values(slow, {"train_time": 16.0, "train_energy": 320.0}),
        ]
    )
    first, second = rows(table(run, "reaching"))

    assert (first["Score reached"], second["Score reached"]) == ("0.800", "0.800")
    assert (first["Training time"], first["Training energy"]) == ("20.0", "500")  # at 20 of 40 s
    assert (second["Training time"], second["Training energy"]) == ("16.0", "320")


def test_what_has_no_learning_curve_has_reached_its_score_at_the_end(make_run):
    curved = _with_curve(example.quality_record("squeezebert", TASK, 0.9), [(10, 0.5), (20, 0.8), (40, 0.9)])
    whole = _with_curve(example.quality_record("squeezebert-tiny", TASK, 0.7), [])
    whole = example.with_values(whole, {"train_time": 3.0, "train_energy": 60.0})
    first, second = rows(table(make_run([curved, whole]), "reaching"))

    assert (first["Score reached"], second["Score reached"]) == ("0.700", "0.700")
    assert (first["Training time"], second["Training time"]) == ("20.0", "3.00")
    assert second["Training energy"] == "60.0"


def test_a_training_that_came_to_one_answer_sets_no_score_to_reach(make_run):
    fine = example.quality_record("squeezebert", TASK, 0.9)
    lost = example.quality_record("squeezebert-tiny", TASK, 0.5)
    facts = replace(lost.findings.facts, training=replace(lost.findings.facts.training, one_answer=True))
    run = make_run([fine, replace(lost, findings=replace(lost.findings, facts=facts))])

    assert not any(each.key == "break-even" for each in content(run, (), {}).sections)


@pytest.mark.parametrize(
    ("text", "number"), [("250", 250), ("10k", 1e4), ("1.5M", 1.5e6), ("2G", 2e9), ("10,000", 1e4), ("0", 0)]
)
def test_requests_are_written_with_a_prefix(text, number):
    assert requests_from(text) == number


@pytest.mark.parametrize("text", ["", "k", "10X", "-1", "nan", "inf", "10kk", "ten"])
def test_what_is_no_number_of_requests_is_one_line(text):
    with pytest.raises(InputError, match="is written 250, 10k, "):
        requests_from(text)


@pytest.mark.parametrize(
    ("number", "shown"), [(12, "12"), (2781.2, "2.78k"), (999.7, "1k"), (1e4, "10k"), (3.25e6, "3.25M"), (4e9, "4G")]
)
def test_requests_are_shown_as_they_are_written(number, shown):
    assert requests_in_words(number) == (shown, "")
    assert requests_from(shown) == pytest.approx(number, rel=0.01)


def _with_curve(record, points):
    curve = tuple(LearningPoint(int(100 * seconds), seconds, score) for seconds, score in points)
    facts = replace(record.findings.facts, training=replace(record.findings.facts.training, learning_curve=curve))
    return replace(record, findings=replace(record.findings, facts=facts))
