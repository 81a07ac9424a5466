"""A report leads with the highest percentile that there are queries enough for."""

import example_runs as example
import pytest

from benchbench.report import figures
from benchbench.report.content import content
from benchbench.report.pages.render import summary
from benchbench.report.tables import absences, speed
from benchbench.report.view import labelled, named, unmeasured

MODELS = ("bert-base", "squeezebert")
P99 = {"latency_p99": "needs 299 queries, has 60"}
BOTH = P99 | {"latency_p90": "needs 29 queries, has 12"}


@pytest.fixture
def timed(make_run):
    """A run of two models on a target each, with an absence for each percentile that is named."""

    def make(*few):
        records = [
            example.with_few_queries(example.efficiency_record(f"cpu-{model}", (model,)), reasons)
            for model, reasons in zip(MODELS, few, strict=True)
        ]
        return make_run(records)

    return make


def column(table, heading):
    place = [column.heading for column in table.columns].index(heading)
    return [row[place].text for row in table.rows]


def test_with_queries_enough_it_is_the_p99(timed):
    assert column(summary(timed({}, {})), "Latency p99 (ms)") == ["280", "98"]


def test_with_fewer_it_is_the_p90_of_all(timed):
    table = summary(timed(P99, {}))
    assert column(table, "Latency p90 (ms)") == ["220", "77"]
    assert not any("p99" in column.title for column in table.columns)
    assert any("p99 takes more queries than all of these have" in note for note in table.notes)


def test_what_has_none_says_how_many_queries_it_takes(timed):
    assert column(summary(timed(BOTH, P99)), "Latency p90 (ms)") == ["needs 29 queries, has 12", "77"]
    assert set(column(summary(timed(BOTH, BOTH)), "Latency p90 (ms)")) == {"needs 29 queries, has 12"}


def test_each_percentile_in_full_has_a_value_or_says_what_it_takes(timed):
    run = timed(BOTH, {})
    view = labelled(run.measurements)
    table = speed.details(view, unmeasured(run.absences, view))
    assert column(table, "Latency p99 (ms)")[:2] == ["needs 299 queries, has 60"] * 2
    assert column(table, "Latency p99 (ms)")[2] == "98"


def test_the_figure_names_the_percentile_that_it_draws(timed):
    said = [figures.latency(labelled(timed(*few).measurements)).caption for few in (({}, {}), (P99, {}), (BOTH, BOTH))]
    assert [next((n for n in ("99th", "90th") if n in caption), None) for caption in said] == ["99th", "90th", None]


def test_what_is_not_measured_is_listed_once_a_target_whatever_each_shape_has(timed):
    run = timed(BOTH, P99)
    rows = absences.absences(run.absences).rows
    assert [[entry.text for entry in row][2:] for row in rows if row[0].text == "cpu-bert-base"] == [
        ["Latency p90, single-stream scenario", "needs 29 queries"],
        ["Latency p99, single-stream scenario", "needs 299 queries"],
    ]


def test_a_report_without_a_tail_is_whole(timed):
    run = timed(BOTH, BOTH)
    shown = [
        entry.text
        for section in content(run, (), {}).sections
        for table in (*section.tables, *section.folded)
        for row in table.rows
        for entry in row
    ]
    assert "nan" not in shown
    assert named(run.measurements)["quantity"].eq("latency_p99").sum() == 0
