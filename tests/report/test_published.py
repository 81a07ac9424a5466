from __future__ import annotations

import example_runs as example

from benchbench.quantities import QUANTITIES
from benchbench.report.claims.published import beside_measured, facts
from benchbench.report.view import labelled


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
