"""The sentences that a report begins with, and the lines that a cell is told by: what they say, and where they lead."""

from __future__ import annotations

import re
from dataclasses import replace

import example_runs as example
import pytest

from benchbench.quantities import Basis
from benchbench.records import Absence, Failure, FailureKind, Findings, Measurement, Subject
from benchbench.report.claims import claims
from benchbench.report.content import content
from benchbench.report.headlines import of_cell
from benchbench.studies.efficiency.energy_costs import UNWANTED


def timed(target, ratios, *, batch_size=1, half_width=0.02, stable=True, medians=None):
    """An efficiency cell: `ratios` are by (model, baseline), `medians` in ms by model."""
    at = Subject(weights="random", target=target, scenario="single-stream", batch_size=batch_size, sequence_length=128)
    found = [
        Measurement(Subject(model=model, weights="random"), "parameters", size, Basis.COUNTED)
        for model, size in (("squeezebert", 51e6), ("bert-base", 109e6), ("distilbert", 66e6))
    ]
    for model, median in (medians or {"squeezebert": 40.0, "bert-base": 90.0, "distilbert": 45.0}).items():
        found.append(Measurement(replace(at, model=model), "latency_p50", median, Basis.MEASURED, 9, median, median))
    for (model, baseline), ratio in ratios.items():
        low, high = ratio * (1 - half_width), ratio * (1 + half_width)
        pair = replace(at, model=model, baseline=baseline)
        found.append(Measurement(pair, "speedup", ratio, Basis.MEASURED, 9, low, high, stable))
    record = example.efficiency_record(target, ("squeezebert",))
    return replace(record, cell=f"{record.cell}-{batch_size}", findings=Findings(tuple(found)))


def both_ways(ratios):
    return ratios | {(baseline, model): 1 / ratio for (model, baseline), ratio in ratios.items()}


@pytest.fixture
def said(make_run):
    """`said(*records)`: the sentences at the head of the report of these records."""
    return lambda *records: [h.text for h in content(make_run(records), claims.shipped(), {}).answer]


def test_the_first_model_stands_against_the_largest_on_the_fastest_target_of_each(said):
    ratios = {("squeezebert", "bert-base"): 2.7, ("squeezebert", "distilbert"): 1.3}
    fast = timed("openvino-cpu", both_ways(ratios), medians={"squeezebert": 40.0, "bert-base": 110.0})
    ratios[("squeezebert", "bert-base")] = 2.0
    bf16 = timed("torch-cpu-bf16", both_ways(ratios), medians={"squeezebert": 45.0, "bert-base": 90.0}, stable=False)
    assert said(fast, bf16)[0] == (
        "squeezebert is 2.70× (2.65–2.75) as fast as bert-base on openvino-cpu, 1 × 128, where squeezebert is fastest; "
        "on torch-cpu-bf16, where bert-base is fastest, 2.00× (1.96–2.04, unstable)"
    )


def test_where_others_are_faster_is_said_with_the_place_where_they_are_farthest_ahead(said):
    one = timed("torch-cpu", both_ways({("squeezebert", "bert-base"): 2.0, ("distilbert", "squeezebert"): 1.1}))
    two = timed("torch-cpu-bf16", both_ways({("squeezebert", "bert-base"): 2.0, ("distilbert", "squeezebert"): 1.4}))
    none = timed("openvino-cpu", both_ways({("squeezebert", "bert-base"): 2.0, ("squeezebert", "distilbert"): 1.4}))
    assert said(one, two, none)[1] == (
        "distilbert is 1.40× (1.37–1.43) as fast as squeezebert on torch-cpu-bf16, 1 × 128, "
        "and faster in 2 of 3 places measured"
    )


def test_the_largest_model_is_named_where_it_wins(said):
    sentences = said(timed("torch-cpu", both_ways({("squeezebert", "bert-base"): 0.8})))
    assert sentences[0].startswith("squeezebert is 0.800× (0.784–0.816) as fast as bert-base on torch-cpu")
    assert sentences[1].startswith("bert-base is 1.25× (1.23–1.27) as fast as squeezebert on torch-cpu")


def test_what_an_interval_leaves_open_is_called_undecided(said):
    ratios = both_ways({("squeezebert", "bert-base"): 1.01})
    sentences = said(timed("torch-cpu", ratios, half_width=0.1))
    assert sentences[0].endswith("1 × 128: undecided")
    assert sentences[1] == "No other model is shown to be faster than squeezebert; undecided against bert-base"


def test_a_model_alone_has_its_median_and_no_comparison(said):
    sentences = said(timed("torch-cpu", {}, medians={"squeezebert": 40.0}))
    assert sentences[0].startswith(
        "squeezebert takes 40.0 ms (40.0–40.0) at the median on torch-cpu, 1 × 128; no other"
    )


def test_a_target_beside_another_is_said_of_the_same_model(said):
    ratios = {("squeezebert", "squeezebert on torch-cpu-plain"): 2.06}
    assert (
        "squeezebert on openvino-cpu is 2.06× (2.02–2.10) as fast as squeezebert on torch-cpu-plain, 1 × 128"
        in said(timed("openvino-cpu", ratios))
    )


def test_random_weights_and_synthetic_data_say_nothing_of_quality(said):
    sentences = said(example.quality_record("squeezebert-tiny", "sst2-synthetic", 0.8))
    assert sentences[0] == (
        "Nobody's quality can be compared here: random weights and synthetic data. On synthetic data the score is "
        "squeezebert-tiny 0.80 (0.77–0.83) (sst2-synthetic)"
    )


def test_real_scores_are_compared_on_the_same_examples(said):
    real = {"data": "local:glue", "weights": "hub:x@1", "seed": 0}
    records = [
        example.system_record("squeezebert", "rte", 0.80, {"torch-cpu": 0, "onnxruntime-cpu": 3}, **real),
        example.system_record("bert-base", "rte", 0.92, {"torch-cpu": 0, "onnxruntime-cpu": 3}, **real),
    ]
    sentences = said(*records)
    assert sentences[0].startswith("On real data the score is squeezebert 0.8")
    assert sentences[0].endswith("; on the same examples squeezebert against bert-base is below on 1 of 1 evaluation")
    assert sentences[1].startswith("squeezebert on rte is fastest on onnxruntime-cpu: 17.5 ms (17.1–17.9) a text, 2.0")
    assert "; score change -0.005" in sentences[1]


def test_recipes_are_compared_by_how_fast_they_train(said):
    records = []
    for recipe, rate in (("usual-script", 3.0), ("fast", 15.0)):
        made = example.quality_record("squeezebert", "rte", 0.7)
        subject = replace(made.findings.measurements[0].subject, recipe=recipe)
        rated = Measurement(subject, "train_throughput", rate, Basis.MEASURED)
        records.append(replace(made, cell=recipe, findings=Findings((rated,))))
    assert said(*records)[0] == (
        "squeezebert is fine-tuned on rte at 3.00 examples/s (no interval) by usual-script, "
        "15.0 examples/s (no interval) by fast"
    )


def test_what_failed_or_cannot_run_here_is_named_as_not_known(said):
    failed = replace(
        example.efficiency_record("openvino-cpu", ("squeezebert",)),
        findings=Findings(),
        failure=Failure(FailureKind.ERROR, "out of memory"),
    )
    last = said(timed("torch-cpu", {}), failed, example.absent_record("torch-cuda", "no CUDA device"))[-1]
    assert "what 1 failed cell would have shown" in last
    assert "anything on torch-cuda, not available here" in last


def test_a_run_without_records_claims_nothing(said):
    assert not [text for text in said() if "fast" in text or "score" in text]


@pytest.mark.parametrize("name", ["default", "quality alone", "speed alone"])
def test_each_sentence_leads_to_its_evidence_on_the_page_and_in_the_file(make_run, name):
    from benchbench.report.pages.render import render

    records = {
        "default": None,
        "quality alone": [example.quality_record("squeezebert", "rte", 0.7, data="local:x", weights="hub:y@1")],
        "speed alone": [example.efficiency_record("torch-cpu", ("squeezebert", "bert-base"))],
    }[name]
    page = render(make_run(records))
    html, markdown = page.read_text(), (page.parent / "report.md").read_text()
    head = html[html.index('class="in-short"') : html.index("</section>")]
    links = re.findall(r'href="#([^"]+)"', head)
    assert links
    assert [link for link in links if f'id="{link}"' not in html] == []
    headings = {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in markdown.splitlines()
        if line.startswith("#")
    }
    anchors = re.findall(r"\[Evidence\]\(#([^)]+)\)", markdown)
    assert len(anchors) == len(links)
    assert set(anchors) <= headings
    assert html.index("In short") < html.index("Read first")


def test_a_cell_is_told_in_at_most_four_lines_with_what_is_missing_in_the_last():
    rivals = {("squeezebert", "bert-base"): 2.7} | {(f"rival-{n}", "squeezebert"): 1.1 + n / 10 for n in range(5)}
    record = timed("openvino-cpu", rivals)
    absences = [Absence(Subject(model="squeezebert", target="openvino-cpu"), "no meter", "idle_power")] * 3
    lines = of_cell.lines(replace(record, findings=replace(record.findings, absences=tuple(absences))))
    assert lines == (
        "squeezebert is 2.70× (2.65–2.75) as fast as bert-base on openvino-cpu, 1 × 128",
        "rival-4 is 1.50× (1.47–1.53) as fast as squeezebert on openvino-cpu, 1 × 128",
        "rival-3 is 1.40× (1.37–1.43) as fast as squeezebert on openvino-cpu, 1 × 128",
        "not measured: Idle power, squeezebert on openvino-cpu: no meter (and 2 more)",
    )


def test_what_nobody_asked_for_is_not_told_as_missing():
    record = timed("openvino-cpu", {("squeezebert", "bert-base"): 2.7})
    absence = Absence(Subject(model="squeezebert", target="openvino-cpu"), UNWANTED, "energy_per_example")
    lines = of_cell.lines(replace(record, findings=replace(record.findings, absences=(absence,))))
    assert lines == ("squeezebert is 2.70× (2.65–2.75) as fast as bert-base on openvino-cpu, 1 × 128",)


def test_a_quality_cell_has_its_score_and_where_it_is_fastest():
    lines = of_cell.lines(
        example.system_record("squeezebert", "sst2-synthetic", 0.8, {"torch-cpu": 0, "openvino-cpu": 3})
    )
    assert lines[0].startswith("squeezebert on sst2-synthetic: Accuracy 0.8")
    assert lines[1].startswith("squeezebert on sst2-synthetic is fastest on openvino-cpu: 17.5 ms")


def test_a_target_that_cannot_run_is_one_line_and_a_failed_cell_none():
    record = example.absent_record("torch-cuda", "no CUDA device")
    assert of_cell.lines(record) == ("not measured: torch-cuda: no CUDA device",)
    assert of_cell.lines(replace(record, failure=Failure(FailureKind.ERROR, "it broke"))) == ()


def test_whether_a_model_without_an_encoder_would_do(said):
    real = {"data": "local:glue", "examples": 600}
    encoder = [example.system_record("squeezebert", task, 0.9, {}, weights="local:mine", **real) for task in ("a", "b")]
    linear = [
        example.system_record("tfidf-logreg", task, right, {}, weights="fitted", **real)
        for task, right in (("a", 0.7), ("b", 0.9))
    ]
    (line,) = [line for line in said(*encoder, *linear) if line.startswith("Without")]
    assert line == (
        "Without an encoder, by tfidf-logreg: no encoder is shown to be better on b; "
        "the best encoder is better: squeezebert by 0.200 on a"
    )
    assert not [line for line in said(*encoder) if line.startswith("Without")]
