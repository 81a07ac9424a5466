"""What a step of a notebook shows a reader."""

import re

import pytest

from benchbench.quantities import Basis
from benchbench.records import Absence, Findings, Measurement, Subject
from benchbench.studies.display import MIME, facts_table, findings_in, html_table, show

SUBJECT = Subject(model="m<b>", batch_size=8, lengths="realistic")
FLOPS = Measurement(SUBJECT, "flops", 7_399_934_976, Basis.COUNTED)
SPEEDUP = Measurement(Subject(model="m", baseline="n"), "speedup", 2.4567, Basis.MEASURED, 9, 2.3, 2.6, stable=False)
ENERGY = Measurement(SUBJECT, "energy_per_example", 0.0041, Basis.MODELLED)


def rows(findings):
    found = re.findall(r"<tr>(.*?)</tr>", html_table(findings))
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in found][1:]


@pytest.mark.parametrize(
    ("measurement", "expected"),
    [
        (FLOPS, ["m&lt;b&gt;, batch 8, realistic", "FLOPs", "7.400 GFLOP", "", "counted"]),
        (SPEEDUP, ["m, against n", "Speedup", "2.46 ×†", "2.30–2.60", "measured"]),
        (ENERGY, ["m&lt;b&gt;, batch 8, realistic", "Energy per example", "4.10 mJ*", "", "modelled"]),
    ],
)
def test_a_value_has_the_reports_unit_rounding_and_marks(measurement, expected):
    assert rows(Findings((measurement,))) == [expected]


def test_a_quantity_has_one_unit_in_a_table():
    small = Measurement(SUBJECT, "flops", 51e6, Basis.COUNTED)
    values = [row[2] for row in rows(Findings((small, FLOPS, FLOPS)))]
    assert values == ["0.05100 GFLOP", "7.400 GFLOP", "7.400 GFLOP"]


def test_what_all_rows_have_in_common_stands_once_above_them():
    table = html_table(Findings((FLOPS, ENERGY)))
    assert "<caption>batch 8, realistic</caption>" in table
    assert [row[0] for row in rows(Findings((FLOPS, ENERGY)))] == ["m&lt;b&gt;", "m&lt;b&gt;"]
    assert "<caption>" not in html_table(Findings((FLOPS, SPEEDUP)))


def test_marks_are_explained_below_where_they_occur():
    assert "† unstable" in html_table(Findings((SPEEDUP,)))
    assert "† unstable" not in html_table(Findings((FLOPS,)))


def test_what_is_absent_stands_with_its_reason():
    absence = Absence(Subject(target="gpu"), "no <device>", "power")
    assert rows(Findings((), (absence,))) == [["gpu", "Power", "not available: no &lt;device&gt;"]]


def test_a_step_that_found_nothing_says_so():
    assert "<table" not in html_table(Findings())
    assert "Nothing" in html_table(Findings())


def test_facts_are_text():
    assert "<script>" not in facts_table({"a": "<script>"})


def notebook(*outputs):
    return {"cells": [{"outputs": [{"data": dict(output)}]} for output in outputs]}


def test_all_steps_findings_are_joined_in_order_and_what_is_shown_twice_counts_once():
    first, second = Findings((SPEEDUP,)), Findings((FLOPS,), (Absence(SUBJECT, "why"),))
    shown = [show(findings)._repr_mimebundle_() for findings in (first, second, first)]
    assert findings_in(notebook(*shown)) == Findings((SPEEDUP, FLOPS), (Absence(SUBJECT, "why"),))


def test_a_notebook_without_findings_has_none():
    assert findings_in(notebook({"text/plain": "x"})) is None
    assert findings_in(notebook({MIME: {}})) == Findings()
