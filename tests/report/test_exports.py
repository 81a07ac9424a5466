from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace

import example_runs as example
import pytest
import yaml

from benchbench.errors import InputError
from benchbench.exports.model_card import model_card
from benchbench.records import Failure, FailureKind, Findings
from benchbench.report.pages.latex import escaped, latex_table
from benchbench.report.pages.render import render, summary
from benchbench.runs.merging import merge


def test_runs_of_two_machines_merge_into_one_report_that_names_them(make_run, tmp_path):
    models = ("bert-base", "squeezebert")
    first = make_run([example.efficiency_record("cpu", models)], name="a")
    other = replace(example.efficiency_record("cpu", models, pace=2, machine="machine-b"), cell="efficiency_cpu_b")
    second = make_run([other], name="b")

    merged = merge([first, second], tmp_path / "both")
    page = render(merged).read_text()

    assert len(merged.measurements) == len(first.measurements) + len(second.measurements)
    assert "cpu (machine-a)" in page
    assert "cpu (machine-b)" in page


def test_merging_keeps_the_finished_record_of_a_cell(make_run, tmp_path):
    good = example.efficiency_record("cpu", ("bert-base",))
    bad = replace(good, failure=Failure(FailureKind.ERROR, "x"), findings=Findings(), finished="2027-01-01T00:00:00")
    merged = merge([make_run([good], name="a"), make_run([bad], name="b")], tmp_path / "both")

    assert merged.failures == ()


def test_merging_refuses_to_overwrite(make_run, tmp_path):
    run = make_run()
    with pytest.raises(InputError, match="exists already"):
        merge([run, run], run.folder)
    with pytest.raises(InputError, match="at least two"):
        merge([run], tmp_path / "new")


def test_merging_refuses_two_batch_sizes_of_one_system(make_run, tmp_path):
    one = example.system_record("squeezebert", "sst2-synthetic", 0.9, {"cpu": 0})
    eight = tuple(
        replace(m, subject=replace(m.subject, batch_size=8)) if m.subject.batch_size else m
        for m in one.findings.measurements
    )
    other = replace(one, cell="quality_8_at_a_time", findings=replace(one.findings, measurements=eight))
    with pytest.raises(InputError, match="answers 1 texts at a time on cpu in one run and 8 in another"):
        merge([make_run([one], name="a"), make_run([other], name="b")], tmp_path / "both")

    elsewhere = replace(other, provenance=example.provenance("machine-b"))
    merged = merge([make_run([one], name="c"), make_run([elsewhere], name="d")], tmp_path / "machines")
    assert len(merged.records) == 2


def test_a_model_card_is_metadata_that_the_hub_reads(make_run):
    from huggingface_hub import ModelCard

    run = make_run([example.quality_record("squeezebert", "rte", 0.72, data="hub:nyu-mll/glue@abc123")])
    card = ModelCard(model_card(run, "squeezebert"))

    result = card.data.eval_results[0]
    assert (result.dataset_type, result.dataset_revision) == ("nyu-mll/glue", "abc123")
    assert (result.metric_type, result.metric_value) == ("accuracy", 0.72)
    assert card.data.co2_eq_emissions["emissions"] == pytest.approx(0.7)
    assert "modelled" in card.data.co2_eq_emissions["source"]


def test_a_model_card_calls_synthetic_data_synthetic(make_run):
    front = yaml.safe_load(model_card(make_run(), "squeezebert").split("---")[1])

    assert all("synthetic" in result["dataset"]["name"] for result in front["model-index"][0]["results"])


@pytest.mark.parametrize(
    ("kind", "task_type"),
    [
        ("classification", "text-classification"),
        ("regression", "text-classification"),
        ("token-classification", "token-classification"),
        ("question-answering", "question-answering"),
    ],
)
def test_a_model_card_names_the_kind_of_task(make_run, kind, task_type):
    record = example.quality_record("squeezebert", "wnut17", 0.5, data="local:x")
    facts = record.findings.facts
    of_kind = replace(facts, training=replace(facts.training, marking=replace(facts.training.marking, kind=kind)))
    run = make_run([replace(record, findings=replace(record.findings, facts=of_kind))])
    front = yaml.safe_load(model_card(run, "squeezebert").split("---")[1])

    assert front["model-index"][0]["results"][0]["task"] == {"type": task_type}


def test_a_model_without_scores_has_no_card(make_run):
    run = make_run()

    with pytest.raises(InputError, match="bert-base"):
        model_card(run, "bert-base")


def test_latex_escapes_what_latex_would_read():
    assert escaped(r"50 % of a_b & {c} \x") == r"50 \% of a\_b \& \{c\} \textbackslash{}x"


def test_tables_are_booktabs(make_run):
    text = latex_table(summary(make_run()))

    assert all(rule in text for rule in (r"\toprule", r"\midrule", r"\bottomrule"))
    rows = re.findall(r"^(.*)\\\\$", text, flags=re.MULTILINE)
    assert len({row.count(" & ") for row in rows}) == 1


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_tables_compile(make_run, tmp_path):
    body = latex_table(summary(make_run()))
    document = r"\documentclass{article}\usepackage{booktabs}\begin{document}" + body + r"\end{document}"
    (tmp_path / "paper.tex").write_text(document)
    subprocess.run(["pdflatex", "-halt-on-error", "paper.tex"], cwd=tmp_path, check=True, capture_output=True)
