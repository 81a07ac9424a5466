from __future__ import annotations

import json
import random
from dataclasses import replace

import example_runs as example
import pytest

from benchbench.report.comparison import compare, p_value
from benchbench.report.tables.differences import differences_table
from benchbench.report.view import Estimate

MODELS = ("bert-base", "squeezebert", "squeezebert-tiny")


@pytest.fixture
def two_runs(make_run):
    def make(before, after):
        return make_run(before, name="before"), make_run(after, name="after")

    return make


def test_a_run_against_itself_shows_no_difference(make_run):
    run = make_run()
    comparison = compare(run, run)

    assert comparison.differences == ()
    assert comparison.regressions == ()
    assert comparison.compared > 100


def test_a_slower_run_is_a_regression_and_stands_first(two_runs):
    before, after = two_runs(
        [example.efficiency_record("cpu", MODELS)], [example.efficiency_record("cpu", MODELS, pace=1.5)]
    )
    comparison = compare(before, after)

    assert {"latency_p50", "energy_per_example"} <= {d.quantity for d in comparison.regressions}
    assert comparison.differences[: len(comparison.regressions)] == comparison.regressions
    assert all(d.worse for d in comparison.regressions)


def test_a_faster_run_is_no_regression(two_runs):
    before, after = two_runs(
        [example.efficiency_record("cpu", MODELS)], [example.efficiency_record("cpu", MODELS, pace=0.5)]
    )
    comparison = compare(before, after)

    assert comparison.differences
    assert comparison.regressions == ()


def test_a_difference_within_the_intervals_is_not_significant(two_runs):
    before, after = two_runs(
        [example.efficiency_record("cpu", MODELS)], [example.efficiency_record("cpu", MODELS, pace=1.01)]
    )
    assert not [d for d in compare(before, after).differences if d.quantity == "latency_p50"]


def test_another_machines_latency_is_not_called_a_regression_unless_told_to(two_runs):
    before, after = two_runs(
        [example.efficiency_record("cpu", MODELS)],
        [example.efficiency_record("cpu", MODELS, pace=2.0, machine="machine-b")],
    )

    assert compare(before, after).regressions == ()
    assert not compare(before, after).same_machine
    assert compare(before, after, across_machines=True).regressions


def test_quality_is_comparable_across_machines(two_runs):
    before, after = two_runs(
        [example.quality_record("squeezebert", "rte", 0.90, data="local:x")],
        [example.quality_record("squeezebert", "rte", 0.70, data="local:x"), example.absent_record("gpu", "none")],
    )
    comparison = compare(before, after)

    assert [d.quantity for d in comparison.regressions] == ["accuracy"]
    assert comparison.regressions[0].relative == pytest.approx(-0.2)


def test_the_threshold_decides_what_is_a_regression(two_runs):
    before, after = two_runs(
        [example.efficiency_record("cpu", MODELS)], [example.efficiency_record("cpu", MODELS, pace=1.5)]
    )
    assert compare(before, after, threshold=0.6).regressions == ()


def test_chance_alone_is_called_significant_in_at_most_a_few_of_many_comparisons():
    noise = random.Random(0)
    values = [noise.gauss(100, 1) for _ in range(2000)]
    estimates = [Estimate(value, value - 1.96, value + 1.96) for value in values]

    small = sum(p_value(a, b) < 0.05 for a, b in zip(estimates[::2], estimates[1::2], strict=True))
    assert 30 <= small <= 70  # 5 % of 1000, give or take three standard deviations


def test_a_comparison_is_json_and_a_table(two_runs):
    before, after = two_runs(
        [example.efficiency_record("cpu", MODELS)], [example.efficiency_record("cpu", MODELS, pace=1.5)]
    )
    comparison = compare(before, after)

    assert json.loads(json.dumps(comparison.as_json()))["regressions"]
    assert differences_table(comparison).rows[0][-1].text == "regression"


@pytest.mark.parametrize(
    ("field", "values"),
    [("recipe", ("usual", "fast")), ("weights", ("random", "local:mine")), ("data", ("synthetic", "local:x"))],
)
def test_values_that_differ_in_recipe_weights_or_data_are_not_averaged(two_runs, field, values):
    def record(value, score):
        made = example.quality_record("squeezebert", "rte", score)
        measurements = tuple(
            replace(m, subject=replace(m.subject, **{field: value})) for m in made.findings.measurements
        )
        return replace(made, cell=value, findings=replace(made.findings, measurements=measurements))

    before, after = two_runs(
        [record(values[0], 0.9), record(values[1], 0.5)], [record(values[0], 0.5), record(values[1], 0.9)]
    )
    accuracy = {d.subject: d.relative for d in compare(before, after).differences if d.quantity == "accuracy"}

    assert len(accuracy) == 2
    assert sorted(round(change, 3) for change in accuracy.values()) == [-0.4, 0.4]
    assert all(any(value in subject for subject in accuracy) for value in values)


REAL = {"data": "local:mine", "weights": "local:trained"}


def seeds(wrong, count=1, **more):
    return [
        example.system_record("squeezebert", "mine", 0.8, {"onnxruntime-cpu-int8": wrong}, seed=s, **REAL, **more)
        for s in range(count)
    ]


def test_scores_of_two_runs_are_compared_on_the_same_examples(two_runs):
    comparison = compare(*two_runs(seeds(0), seeds(18)))
    (found,) = [d for d in comparison.differences if d.quantity == "accuracy"]

    assert found.subject == "Accuracy, squeezebert, weights local:trained, mine, local:mine, on onnxruntime-cpu-int8"
    assert found.change.value == pytest.approx(-0.03)  # 18 of 600: within the intervals of both scores
    assert found.before.low < found.after.value
    assert (comparison.paired, comparison.unpaired) == (2, 0)
    assert "2 compared on the same examples" in " ".join(differences_table(comparison).notes)


def test_scores_on_other_examples_are_compared_by_their_intervals_and_it_is_said(two_runs):
    comparison = compare(*two_runs(seeds(0), seeds(18, examples=500)))

    assert (comparison.paired, comparison.unpaired) == (0, 2)
    assert not [d for d in comparison.differences if d.quantity == "accuracy"]
    assert "2 by their intervals alone" in " ".join(differences_table(comparison).notes)


def test_a_comparison_of_scores_is_plain_json(two_runs):
    plain = json.loads(json.dumps(compare(*two_runs(seeds(0, 2), seeds(60, 2))).as_json()))

    assert plain["paired"] == 2
    assert plain["differences"][0]["change"]["value"] < 0
