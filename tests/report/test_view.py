from __future__ import annotations

from dataclasses import replace

import example_runs as example
import pytest

from benchbench.quantities import Basis
from benchbench.records import Findings, Measurement, Subject
from benchbench.report.figures.charts import Rows
from benchbench.report.figures.quality import mark_front
from benchbench.report.view import (
    Shape,
    against_largest,
    estimates,
    labelled,
    overall,
    scores,
    shapes,
    student_interval,
)


def quality(*rows: tuple[str, str, str, float, int, str | None]) -> Findings:
    """Rows of model, task, quantity, value, seed, split."""
    return Findings(
        tuple(
            Measurement(
                Subject(model=model, weights="random", task=task, data="local:x", seed=seed, split=split),
                quantity,
                value,
                Basis.MEASURED,
            )
            for model, task, quantity, value, seed, split in rows
        )
    )


@pytest.fixture
def view_of(make_run):
    def make(findings):
        record = replace(example.quality_record("squeezebert", "x", 0.5), findings=findings)
        return labelled(make_run([record]).measurements)

    return make


def test_seeds_become_a_mean_with_students_interval(view_of):
    values = enumerate((0.6, 0.7, 0.8))
    view = view_of(quality(*(("m", "rte", "accuracy", value, seed, None) for seed, value in values)))

    found = estimates(view, "accuracy", ("who", "task"))["m", "rte"]
    assert found.value == pytest.approx(0.7)
    assert (found.low, found.high) == pytest.approx((0.7 - 0.2484, 0.7 + 0.2484), abs=1e-4)


def test_students_interval_of_two_values():
    assert student_interval([1.0, 3.0]) == pytest.approx((2 - 12.706, 2 + 12.706), abs=1e-3)


def test_a_task_with_two_metrics_counts_once(view_of):
    mrpc = ("m", "mrpc", "accuracy", 0.8, 0, None), ("m", "mrpc", "f1", 0.9, 0, None)
    view = view_of(quality(*mrpc, ("m", "rte", "accuracy", 0.6, 0, None)))

    assert scores(view, "real")["m"]["mrpc"].value == pytest.approx(0.85)
    assert overall(view, "real")[1]["m"].value == pytest.approx((0.85 + 0.6) / 2)


def test_models_are_averaged_over_the_tasks_that_all_of_them_did(view_of):
    of_a = ("a", "rte", "accuracy", 0.6, 0, None), ("a", "cola", "accuracy", 0.2, 0, None)
    view = view_of(quality(*of_a, ("b", "rte", "accuracy", 0.7, 0, None)))

    tasks, score = overall(view, "real")
    assert tasks == ("rte",)
    assert (score["a"].value, score["b"].value) == (0.6, 0.7)


def test_the_second_split_of_mnli_is_a_metric_of_its_own(view_of):
    splits = ("validation_matched", 0.8), ("validation_mismatched", 0.7)
    view = view_of(quality(*(("m", "mnli", "accuracy", value, 0, split) for split, value in splits)))

    assert estimates(view, "accuracy", ("task",))[("mnli",)].value == 0.8
    assert estimates(view, "accuracy_mismatched", ("task",))[("mnli",)].value == 0.7


def test_the_headline_shape_is_one_request_of_128_tokens(make_run):
    assert shapes(labelled(make_run().measurements))[0] == Shape(1, 128)


def test_speedups_stand_against_the_largest_model(make_run):
    rows = against_largest(labelled(make_run().measurements))

    assert set(rows["baseline"]) == {"bert-base"}
    assert set(rows["model"]) == {"squeezebert", "squeezebert-tiny"}


def test_a_point_on_the_front_has_no_better_and_cheaper_one():
    rows: Rows = [
        {"cost": 1.0, "score": 0.5},
        {"cost": 2.0, "score": 0.7},
        {"cost": 3.0, "score": 0.6},
        {"cost": 3.0, "score": 0.9},
        {"cost": 4.0, "score": 0.9},
    ]
    mark_front(rows)

    assert [row["front"] for row in rows] == [True, True, False, True, False]
