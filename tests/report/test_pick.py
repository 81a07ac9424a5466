from __future__ import annotations

import json

import example_runs as example
import pytest

from benchbench.errors import InputError
from benchbench.report.choice.options import notes, options
from benchbench.report.choice.pick import NOT_SCORED, Demands, pick
from benchbench.report.view import labelled, named, systems, unmeasured


def chosen(run, **demands):
    missing = unmeasured(run.absences, named(run.measurements))
    return pick(labelled(run.measurements), systems(run.measurements), missing, Demands(**demands))


def names(candidates):
    return [(candidate.model, candidate.target) for candidate in candidates]


def test_without_demands_scored_systems_stand_first_each_with_least_energy(example_run):
    choice = chosen(example_run)

    assert names(choice.fitting)[:3] == [
        ("squeezebert-tiny", "torch-cpu"),
        ("squeezebert", "onnxruntime-cpu-int8"),
        ("squeezebert", "torch-cpu"),
    ]
    assert names(choice.fitting)[3] == ("squeezebert-tiny", "openvino-cpu")
    assert len(choice.fitting) == 3 + 4  # what was scored on a target is not there a second time


def test_a_quality_floor_excludes_what_scores_lower_and_what_was_not_scored_there(example_run):
    choice = chosen(example_run, min_quality=0.8)

    assert names(choice.fitting) == [("squeezebert", "torch-cpu")]
    reasons = {(r.candidate.model, r.candidate.target): r.reasons for r in choice.rejected}
    assert reasons["squeezebert", "onnxruntime-cpu-int8"] == ("quality below the bound",)
    assert reasons["squeezebert", "openvino-cpu"] == reasons["bert-base", "openvino-cpu"] == (NOT_SCORED,)
    assert choice.origin == "synthetic"


def test_quality_is_the_systems_own_and_not_that_of_the_model_elsewhere(example_run):
    found = {(c.model, c.target): c.quality for c in chosen(example_run).fitting}

    assert found["squeezebert", "torch-cpu"] - found["squeezebert", "onnxruntime-cpu-int8"] == pytest.approx(0.05)


@pytest.mark.parametrize(("keep", "kept"), [(0.99, ["torch-cpu"]), (0.9, ["onnxruntime-cpu-int8", "torch-cpu"])])
def test_a_share_to_keep_is_of_the_best_score_in_fp32(make_run, keep, kept):
    run = make_run(
        [
            example.system_record("squeezebert", "mine", 0.9, {"torch-cpu": 0, "onnxruntime-cpu-int8": 30}),
            example.system_record("squeezebert-tiny", "mine", 0.7, {"torch-cpu": 0}),
        ]
    )
    choice = chosen(run, keep=keep)
    in_fp32 = max(value for value in labelled(run.measurements).query("quantity == 'accuracy'")["value"])

    assert choice.best_fp32 == pytest.approx(in_fp32)
    assert choice.floor == pytest.approx(keep * in_fp32)
    assert names(choice.fitting) == [("squeezebert", target) for target in kept]


def test_a_share_of_nothing_is_one_line(make_run):
    run = make_run([example.efficiency_record("cpu", ("squeezebert",))])

    with pytest.raises(InputError, match="no system of this run has a score on its target"):
        chosen(run, keep=0.99)


def test_one_task_alone_decides_when_it_is_named(make_run):
    run = make_run(
        [
            example.system_record("squeezebert", task, right, {"torch-cpu": 0})
            for task, right in (("easy", 0.95), ("hard", 0.6))
        ]
    )

    assert chosen(run, min_quality=0.9, task="easy").best.model == "squeezebert"
    assert chosen(run, min_quality=0.9, task="hard").best is None
    assert chosen(run).tasks == ("easy", "hard")
    with pytest.raises(InputError, match="easy"):
        chosen(run, task="eassy")


def test_real_scores_stand_before_synthetic_ones_and_never_beside_them(make_run):
    run = make_run(
        [
            example.system_record("squeezebert", "mine", 0.6, {"torch-cpu": 0}, data="local:mine"),
            example.system_record("squeezebert-tiny", "sst2-synthetic", 0.99, {"torch-cpu": 0}),
        ]
    )

    choice = chosen(run, min_quality=0.1)
    assert (choice.origin, names(choice.fitting)) == ("real", [("squeezebert", "torch-cpu")])


def test_bounds_on_latency_and_memory(example_run):
    choice = chosen(example_run, max_p99_ms=30, max_memory_bytes=170e6)

    assert set(names(choice.fitting)) == {
        ("squeezebert", "onnxruntime-cpu-int8"),
        ("squeezebert-tiny", "torch-cpu"),
        ("squeezebert-tiny", "openvino-cpu"),
    }


def test_a_bound_on_the_p99_is_never_met_by_one_that_too_few_queries_tell(make_run):
    few = {"latency_p99": "needs 299 queries, has 25"}
    system = example.system_record("squeezebert", "mine", 0.9, {"cpu-eager": 0})
    timed = example.efficiency_record("cpu", ("bert-base",))
    run = make_run([example.with_few_queries(record, few) for record in (system, timed)])

    for bound in (1, 1e9):
        choice = chosen(run, max_p99_ms=bound)
        assert choice.best is None
        assert {r.reasons for r in choice.rejected} == {("p99 needs 299 queries, has 25",)}
    assert any("squeezebert on cpu-eager (p99 needs 299 queries, has 25)" in note for note in notes(choice))
    assert chosen(run, max_p90_ms=1e9).best is not None
    offered = options(chosen(run))
    p99 = [column.title for column in offered.columns].index("p99")
    assert {row[p99].text for row in offered.rows} == {"needs 299 queries, has 25"}
    assert not any("p99" in data for data in offered.row_data)


def test_what_a_million_requests_cost_is_the_systems_own_energy(example_run):
    choice = chosen(example_run, min_quality=0.8)

    joules = 35.0 / 1000 * 40  # 35 ms at 40 W
    assert choice.best.kwh_per_million == pytest.approx(joules * 1e6 / 3.6e6)
    assert choice.best.kg_co2eq_per_million == pytest.approx(joules * 0.1)


def test_demands_that_nothing_meets_have_no_answer_but_reasons(example_run):
    choice = chosen(example_run, max_p99_ms=0.001)

    assert choice.best is None
    assert len(choice.rejected) == 7


def test_what_was_only_timed_says_so_where_its_quality_would_be(example_run):
    shown = options(chosen(example_run))
    quality = [column.title for column in shown.columns].index("Quality")

    assert [row[quality].text for row in shown.rows][3:] == [NOT_SCORED] * 4
    assert ["quality" in data for data in shown.row_data] == [True] * 3 + [False] * 4


def test_a_choice_is_plain_json(example_run):
    assert json.loads(json.dumps(chosen(example_run).as_json()))["best"]["model"] == "squeezebert-tiny"


def test_a_run_without_latencies_offers_nothing(make_run):
    assert chosen(make_run(records=())).fitting == ()


def trained(model, energy, time, each_energy, each_ms):
    record = example.with_systems(example.quality_record(model, "sst2-synthetic", 0.84), 0.84, {"torch-cpu": 0})
    values = {"train_energy": energy, "train_time": time, "energy_per_example": each_energy, "latency_p50": each_ms}
    return example.with_values(record, values)


@pytest.fixture
def dear_and_cheap_to_train(make_run):
    return make_run(
        [
            trained("squeezebert", 3.6e6, 3600.0, 3600.0, 36.0),
            trained("squeezebert-tiny", 7.2e6, 10800.0, 36.0, 9.0),
            example.efficiency_record("cpu", ("bert-base",)),
        ]
    )


@pytest.mark.parametrize(("requests", "best"), [(0, "squeezebert"), (1000, "squeezebert"), (1e4, "squeezebert-tiny")])
def test_with_requests_the_least_energy_in_all_decides(dear_and_cheap_to_train, requests, best):
    assert chosen(dear_and_cheap_to_train, requests=requests).best.model == best  # they meet at 3.6e6 / 3564 = 1010


@pytest.mark.parametrize(("requests", "best"), [(1e4, "squeezebert"), (1e6, "squeezebert-tiny")])
def test_with_a_price_the_least_money_in_all_decides(dear_and_cheap_to_train, requests, best):
    choice = chosen(dear_and_cheap_to_train, requests=requests, price_per_hour=0.4)

    assert choice.best.model == best  # they meet at 7200 s / 27 ms = 267k


def test_totals_are_training_and_requests_in_kwh_kilograms_and_money(dear_and_cheap_to_train):
    choice = chosen(dear_and_cheap_to_train, requests=1e6, price_per_hour=0.5)
    shown = options(choice)
    first = dict(
        zip((column.heading for column in shown.columns), (entry.text for entry in shown.rows[0]), strict=True)
    )

    assert first["In all (kWh)"] == "12.0"  # 2 + 1e6 × 36 / 3.6e6
    assert first["Money"] == "2.75"  # 0.5 × (10,800 s + 9,000 s) / 3600 s
    assert not any("Per million" in heading for heading in first)
    assert "In all: training and 1M requests." in shown.notes
    json.dumps(choice.as_json())


def test_what_was_only_timed_has_no_total_and_is_not_offered(dear_and_cheap_to_train):
    choice = chosen(dear_and_cheap_to_train, requests=1000)

    assert [r.candidate.model for r in choice.rejected] == ["bert-base"]
    assert any(note.endswith("not measured: 1 candidate.") for note in notes(choice))


def test_a_price_of_no_number_of_requests_is_one_line(dear_and_cheap_to_train):
    with pytest.raises(InputError, match="--requests"):
        chosen(dear_and_cheap_to_train, price_per_hour=0.4)
