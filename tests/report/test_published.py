from __future__ import annotations

from dataclasses import replace

import example_runs as example

from benchbench.quantities import QUANTITIES, Basis
from benchbench.records import Findings, Measurement
from benchbench.report.claims.published import beside_measured, facts
from benchbench.report.view import labelled
from benchbench.tasks.glue.score import GLUE_METRICS


def test_every_published_figure_has_a_source_and_a_known_quantity():
    assert all(fact.url.startswith("https://") and fact.quantity in QUANTITIES for fact in facts())


def test_published_and_measured_stand_side_by_side(make_run):
    table = beside_measured(labelled(make_run().measurements))
    rows = {(row[0].text, row[1].text): row for row in table.rows}

    parameters = rows["squeezebert", "Parameters (M)"]
    assert parameters[3].text == "51.1"
    assert parameters[4].text == "50"
    assert parameters[5].text == "-2.15 %"


def test_synthetic_scores_are_not_set_beside_published_ones(make_run):
    records = [example.quality_record("squeezebert", "rte", 0.7, data="synthetic")]

    assert not beside_measured(labelled(make_run(records).measurements))


def test_real_scores_are(make_run):
    records = [example.quality_record("squeezebert", "rte", 0.7, data="local:glue")]

    table = beside_measured(labelled(make_run(records).measurements))
    assert [row[5].text for row in table.rows] == ["-0.032"]


def test_a_score_of_random_weights_says_so_beside_a_published_one(make_run):
    def reasons(weights):
        records = [example.quality_record("squeezebert", "mrpc", 0.7, data="local:glue", weights=weights)]
        return [row[6].text for row in beside_measured(labelled(make_run(records, name=weights).measurements)).rows]

    assert all("random weights here" in reason for reason in reasons("random"))
    assert not any("random" in reason for reason in reasons("hub"))


def test_a_published_glue_score_is_not_set_beside_a_mean_of_fewer_tasks(make_run):
    def titles(tasks):
        records = [example.quality_record("bert-base", task, 0.7, data="local:glue") for task in tasks]
        return [
            row[1].text for row in beside_measured(labelled(make_run(records, name="-".join(tasks)).measurements)).rows
        ]

    assert not [title for title in titles(["rte"]) if "GLUE" in title]


def test_a_published_glue_score_stands_beside_that_of_all_tasks(make_run):
    records = [
        record_of(task, metric) for task, metrics in GLUE_METRICS.items() if task != "wnli" for metric in metrics
    ]
    table = beside_measured(labelled(make_run(records).measurements))
    shown = {(row[0].text, row[1].text): row for row in table.rows}

    assert shown["bert-base", "GLUE score"][4].text == "0.700"


def record_of(task, metric):
    """One value of 0.7, on MNLI's second split for its second accuracy."""
    made = example.quality_record("bert-base", task, 0.7, data="local:glue")
    splits = {
        "accuracy_mismatched": "validation_mismatched",
        "accuracy": "validation_matched" if task == "mnli" else None,
    }
    subject = replace(made.findings.measurements[0].subject, split=splits.get(metric))
    value = Measurement(subject, metric.removesuffix("_mismatched"), 0.7, Basis.MEASURED)
    return replace(made, cell=f"{task}-{metric}", findings=Findings((value,)))


def test_figures_of_a_checkpoint_are_found_under_its_name_in_the_zoo(make_run):
    records = [example.quality_record("squeezebert-mnli", "mrpc", 0.88, data="local:glue")]
    table = beside_measured(labelled(make_run(records).measurements))

    assert ("squeezebert-mnli", "mrpc: Accuracy", "0.8824") in {
        (row[0].text, row[1].text, row[3].text) for row in table.rows
    }
