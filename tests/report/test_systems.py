"""The main table: one row a system, with all that was measured of its one artefact."""

from __future__ import annotations

from dataclasses import replace

import example_runs as example
import pytest

from benchbench.records import Absence, Subject
from benchbench.report.content import content
from benchbench.report.evaluations.evaluation import evaluated
from benchbench.report.evaluations.intervals import over_seeds
from benchbench.report.view import estimates, labelled
from benchbench.report.view import systems as systems_of

REAL = {"data": "local:mine", "weights": "local:trained"}


def section(run, key="systems"):
    return next(each for each in content(run, (), {}).sections if each.key == key)


def rows(table):
    """Each row as text by heading, a value with its interval."""
    heads = [column.title for column in table.columns]
    return [{head: f"{e.text} {e.interval}".strip() for head, e in zip(heads, row, strict=True)} for row in table.rows]


def test_a_row_has_the_score_the_change_and_the_costs_of_one_artefact(make_run):
    run = make_run(
        [example.system_record("squeezebert", "sst2-synthetic", 0.9, {"cpu": 0, "onnxruntime-cpu-int8": 30})]
    )
    (table,) = section(run).tables
    first, second = rows(table)

    assert (first["Model"], first["Task"], first["Target"]) == ("squeezebert", "sst2-synthetic", "cpu")
    assert (second["Target"], second["Metric"]) == ("onnxruntime-cpu-int8", "Accuracy")
    assert (first["Agreement with fp32"], second["Agreement with fp32"]) == ("100", "95.0")
    assert second["Change of the score"].startswith("-0.05")
    assert second["Latency p50"].startswith("17.5")
    assert second["Speedup"].startswith("2.0")
    assert [second[cost] for cost in ("Peak memory", "Bytes on disk", "Energy per example")] == ["160", "100", "0.700"]


def test_real_and_synthetic_data_have_a_table_each(make_run):
    run = make_run(
        [
            example.system_record("squeezebert", "sst2-synthetic", 0.9, {"cpu": 0}),
            example.system_record("squeezebert", "mine", 0.9, {"cpu": 0}, **REAL),
        ]
    )
    tables = section(run).tables

    assert [table.key for table in tables] == ["systems-real", "systems-synthetic"]
    assert [row["Task"] for table in tables for row in rows(table)] == ["mine", "sst2-synthetic"]


def test_what_is_absent_says_why_where_the_number_would_be(make_run):
    record = example.system_record("squeezebert", "sst2-synthetic", 0.9, {"cpu": 0})
    subject = next(m.subject for m in record.findings.measurements if m.quantity == "agreement")
    kept = tuple(m for m in record.findings.measurements if m.quantity != "energy_per_example")
    absences = (
        Absence(replace(subject, target="gpu"), "no CUDA device"),
        Absence(subject, "no power meter", "energy_per_example"),
    )
    other = example.system_record("squeezebert-tiny", "sst2-synthetic", 0.9, {"cpu": 0})
    run = make_run([replace(record, findings=replace(record.findings, measurements=kept, absences=absences)), other])
    first, second, _ = rows(section(run).tables[0])

    assert first["Energy per example"] == "no power meter"
    assert (second["Target"], second["Score"], second["Latency p50"]) == ("gpu", "no CUDA device", "–")


@pytest.mark.parametrize(
    ("wrong", "examples", "said"),
    [(0, 2000, "supported"), (150, 2000, "not supported"), (14, 2000, "undecided")],
)
def test_an_int8_target_keeps_99_percent_or_not_or_more_examples_are_needed(make_run, wrong, examples, said):
    made = example.system_record(
        "squeezebert", "mine", 0.9, {"cpu": 0, "onnxruntime-cpu-int8": wrong}, examples=examples, **REAL
    )
    found = section(make_run([made]))

    assert rows(found.tables[0])[1]["Keeps 99 %"].startswith(said)
    assert found.text.startswith(
        f"onnxruntime-cpu-int8 keeps 99 % of the fp32 score on real data: {said} for squeezebert on mine"
    )
    assert ("more examples" in found.text) == (said == "undecided")
    assert "cpu keeps" not in found.text


def test_a_speedup_over_other_weights_has_a_table_of_its_own(make_run):
    record = example.system_record("squeezebert", "mine", 0.9, {"cpu": 0, "fast": 0}, **REAL)
    over = next(m for m in record.findings.measurements if m.quantity == "speedup")
    other = replace(over, subject=replace(over.subject, baseline="squeezebert with random weights"), value=0.5)
    other = replace(other, ci_low=0.4, ci_high=0.6)
    measurements = (*record.findings.measurements, other)
    found = section(make_run([replace(record, findings=replace(record.findings, measurements=measurements))]))

    assert rows(found.tables[0])[1]["Speedup"].startswith("2.0")
    assert rows(found.folded[0])[0]["Over random weights"] == "0.50 0.40–0.60"


def test_a_model_that_learned_nothing_keeps_nothing(make_run):
    record = example.system_record("squeezebert", "mine", 0.9, {"onnxruntime-cpu-int8": 0}, **REAL)
    (answers,) = record.findings.facts.predictions
    same = {target: tuple([1] * len(given)) for target, given in answers.given.items()}
    facts = replace(record.findings.facts, predictions=(replace(answers, given=same),))
    found = section(make_run([replace(record, findings=replace(record.findings, facts=facts))]))

    assert found.text == ""
    assert "Keeps 99 %" not in rows(found.tables[0])[0]


def test_more_seeds_narrow_a_score_and_a_change(make_run):
    def widths(seeds, name):
        records = [
            example.system_record("squeezebert", "mine", 0.85, {"onnxruntime-cpu-int8": 12}, seed=seed, **REAL)
            for seed in range(seeds)
        ]
        run = make_run(records, name)
        frame = over_seeds(run.measurements, evaluated(run))
        found = (
            estimates(labelled(frame), "accuracy", ("who", "task")),
            estimates(systems_of(frame), "accuracy", ("who", "task")),
            estimates(systems_of(frame), "score_change", ("who", "task")),
        )
        return [each["squeezebert", "mine"].high - each["squeezebert", "mine"].low for each in found]

    few, many = widths(3, "few"), widths(12, "many")
    assert all(narrow < wide for narrow, wide in zip(many, few, strict=True))


def test_a_run_without_its_predictions_keeps_its_report_and_says_so(make_run):
    record = example.system_record("squeezebert", "mine", 0.9, {"cpu": 0}, **REAL)
    run = make_run([record])
    run.predictions_path(record.cell).unlink()
    said = content(run, (), {})

    assert rows(section(run).tables[0])[0]["Target"] == "cpu"
    assert any(warning.startswith("Scores of a cell are not compared by example") for warning in said.warnings)


def test_systems_of_two_machines_stand_apart(make_run):
    records = [
        example.system_record("squeezebert", "mine", 0.9, {"cpu": 0}, machine=machine, **REAL)
        for machine in ("machine-a", "machine-b")
    ]
    (table,) = section(make_run(records)).tables

    assert [row["Target"] for row in rows(table)] == ["cpu (machine-a)", "cpu (machine-b)"]


def test_the_subject_of_an_evaluation_has_no_seed(make_run):
    run = make_run(
        [example.system_record("squeezebert", "mine", 0.9, {"cpu": 0}, seed=seed, **REAL) for seed in (0, 1)]
    )
    found = evaluated(run).by_subject
    reference = Subject(model="squeezebert", weights="local:trained", task="mine", data="local:mine")

    assert set(found) == {reference, replace(reference, target="cpu")}
    assert len(found[reference].runs) == 2
