from __future__ import annotations

import re
from dataclasses import replace

import example_runs as example
import pytest

from benchbench.records import Absence, Failure, FailureKind, Findings, Subject
from benchbench.report.pages.render import render, summary


def test_a_run_becomes_a_page_a_markdown_file_and_pictures(make_run):
    run = make_run()

    page = render(run)

    assert page == run.folder / "report" / "index.html"
    markdown = (page.parent / "report.md").read_text()
    pictures = re.findall(r"\]\((figures/[^)]+\.png)\)", markdown)
    assert pictures
    assert all((page.parent / picture).read_bytes().startswith(b"\x89PNG") for picture in pictures)
    assert page.stat().st_size < 3_000_000


def test_the_page_refers_to_nothing_outside_itself(example_page):
    page = example_page.read_text()

    body = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.findall(r"<(?:link|img|iframe|object|embed|video|audio)\b|\bsrc=|@import|url\(", body)
    assert "default-src 'none'" in body


def test_warnings_come_before_any_number(example_page):
    page = example_page.read_text()

    for words in ("Random weights", "Synthetic data", "Energy is modelled", "unstable", "Virtual machine"):
        assert words in page
    assert page.index("Read first") < page.index("<table")


def test_a_run_without_records_still_has_a_report(make_run):
    page = render(make_run(records=())).read_text()

    assert "Benchmark report" in page


def test_a_failed_cell_is_named_with_its_reason(make_run):
    failed = replace(
        example.quality_record("squeezebert", "sst2-synthetic", 0.8),
        failure=Failure(FailureKind.ERROR, "out of memory"),
    )
    page = render(
        make_run(records=(failed, example.efficiency_record("torch-cpu", ("bert-base", "squeezebert"))))
    ).read_text()

    assert "out of memory" in page


def test_an_absent_target_stands_in_the_report_with_the_reason(example_page):
    assert "Targets not available: gpu (no CUDA device)." in example_page.read_text()


def test_a_target_that_lacks_one_number_is_not_called_unavailable(make_run):
    record = example.efficiency_record("onnxruntime-cpu-int8", ("bert-base", "squeezebert"))
    no_peak = Absence(Subject(target="onnxruntime-cpu-int8"), "int8 in software only", "gemm_peak")
    run = make_run([replace(record, findings=Findings(record.findings.measurements, (no_peak,)))])
    text = (render(run).parent / "report.md").read_text()

    assert "not available" not in text
    assert "| onnxruntime-cpu-int8 | GEMM peak of the machine | int8 in software only |" in text


def test_ways_of_training_one_model_have_a_learning_curve_each(make_run):
    ways = []
    for recipe in ("usual", "fast"):
        record = example.quality_record("squeezebert", "rte", 0.7)
        measured = tuple(
            replace(one, subject=replace(one.subject, recipe=recipe)) for one in record.findings.measurements
        )
        findings = replace(record.findings, measurements=measured)
        ways.append(replace(record, cell=f"{record.cell}_{recipe}", findings=findings))
    page = render(make_run(ways))

    assert (page.parent / "figures" / "learning-1.png").exists()
    assert "squeezebert (usual), squeezebert (fast)" in (page.parent / "report.md").read_text()


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def hostile_run(make_run, monkeypatch):
    for table in (example.WEIGHTS, example.FLOPS):
        monkeypatch.setitem(table, HOSTILE, 1e9)
    records = (
        example.quality_record(HOSTILE, "task<b>", 0.8),
        example.efficiency_record("target<script>", ("bert-base", HOSTILE)),
    )
    return make_run(records=tuple(replace(record, cell=f"cell{i}") for i, record in enumerate(records)))


def test_markup_in_names_stays_text(hostile_run):
    page = render(hostile_run)

    for text in (page.read_text(), (page.parent / "report.md").read_text()):
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "task<b>" not in text


def test_the_summary_has_a_row_for_each_model(example_run):
    table = summary(example_run)

    assert [row[0].text for row in table.rows] == ["bert-base", "squeezebert", "squeezebert-tiny"]
    assert "Latency p50 (ms)" in [column.heading for column in table.columns]


def test_at_a_glance_a_model_that_was_only_deployed_has_the_speed_of_its_own_texts(make_run):
    deployed = example.system_record("squeezebert-tiny", "sst2-synthetic", 0.8, {"torch-cpu": 0, "openvino-cpu": 3})
    run = make_run([deployed, example.efficiency_record("torch-cpu", ("bert-base", "squeezebert"))])
    table = summary(run)
    rows = {row[0].text: dict(zip((c.title for c in table.columns), row, strict=True)) for row in table.rows}
    tiny, large = rows["squeezebert-tiny"], rows["bert-base"]
    assert (tiny["Fastest target"].text, tiny["Latency p50"].text) == ("openvino-cpu", "1.00")
    assert (tiny["Latency p50"].marks, large["Latency p50"].marks) == ("‡", "")
    assert any(note.startswith("‡ deployed, a query of its task's own texts") for note in table.notes)
    alone = summary(make_run([deployed], name="alone"))
    assert [column.title for column in alone.columns[:3]] == ["Model", "Fastest target", "Latency p50"]


def test_at_a_glance_medians_of_tiny_and_large_models_are_in_one_unit(make_run):
    deployed = example.system_record("squeezebert-tiny", "sst2-synthetic", 0.8, {"torch-cpu": 0})
    fast = tuple(
        replace(m, value=0.27, ci_low=0.26, ci_high=0.28) if m.quantity == "latency_p50" else m
        for m in deployed.findings.measurements
    )
    deployed = replace(deployed, findings=replace(deployed.findings, measurements=fast))
    table = summary(make_run([deployed, example.efficiency_record("torch-cpu", ("bert-base", "squeezebert"))]))
    (medians,) = (i for i, column in enumerate(table.columns) if column.title == "Latency p50")

    assert table.columns[medians].heading == "Latency p50 (ms)"
    assert {row[0].text: row[medians].text for row in table.rows}["squeezebert-tiny"].startswith("0.27")


def test_synthetic_and_real_scores_never_share_a_column(make_run):
    records = (
        example.quality_record("squeezebert", "sst2-synthetic", 0.9),
        example.quality_record("squeezebert", "rte", 0.6, data="hub:nyu-mll/glue@abc"),
        example.efficiency_record("torch-cpu", ("bert-base", "squeezebert")),
    )
    table = summary(make_run(records=records))

    row = dict(zip((column.title for column in table.columns), table.rows[1], strict=True))
    assert row["Score, real"].text == "0.60"
    assert row["Score, synthetic"].text == "0.90"
