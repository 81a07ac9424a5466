from __future__ import annotations

from dataclasses import replace

import example_runs as example
import pytest

from benchbench.errors import InputError
from benchbench.report.claims.claims import Claim, VerdictKind, evaluate, parse, shipped
from benchbench.report.claims.verdicts import convolutions_of, in_short
from benchbench.report.pages.render import render
from benchbench.report.view import labelled


@pytest.fixture
def judge(make_run):
    """The verdict on a claim from the example run, or from other records."""

    def verdict(claim, records=None):
        run = make_run(records)
        return evaluate(claim, labelled(run.measurements), convolutions_of(run.records))

    return verdict


def named(identifier: str) -> Claim:
    return next(claim for claim in shipped() if claim.id == identifier)


def claim(**fields: object) -> Claim:
    return Claim.model_validate({"id": "x", "statement": "s", "candidate": "squeezebert", **fields})


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        ("smaller", VerdictKind.SUPPORTED),
        ("fewer-flops", VerdictKind.SUPPORTED),
        ("faster", VerdictKind.SUPPORTED),
        ("less-memory", VerdictKind.SUPPORTED),
        ("less-energy", VerdictKind.SUPPORTED),
        ("real-time", VerdictKind.MIXED),
        ("depthwise", VerdictKind.NOT_SUPPORTED),
        ("glue-quality", VerdictKind.NOT_MEASURABLE),
        ("own-data", VerdictKind.NOT_MEASURABLE),
    ],
)
def test_each_shipped_claim_gets_the_verdict_that_its_evidence_allows(judge, identifier, kind):
    assert judge(named(identifier)).kind == kind


def test_a_claim_that_holds_on_one_target_only_is_mixed(judge):
    bound = claim(quantity="latency_p99", comparison="below", threshold=60.0, where={"batch_size": [1]})

    assert judge(bound).kind == VerdictKind.MIXED  # 98 ms and 49 ms


def test_an_interval_that_reaches_over_the_threshold_supports_nothing(judge):
    ratio = example.FLOPS["bert-base"] / example.FLOPS["squeezebert"]
    close = claim(quantity="speedup", baseline="bert-base", comparison="above", threshold=ratio * 0.98)

    assert judge(close).kind == VerdictKind.NOT_SUPPORTED


def test_synthetic_scores_never_decide_a_claim_about_real_data(judge):
    verdict = judge(named("glue-quality"))

    assert verdict.kind == VerdictKind.NOT_MEASURABLE


def test_a_stand_in_is_shown_but_decides_nothing(judge):
    verdict = judge(named("sentiment"))

    assert verdict.kind == VerdictKind.NOT_MEASURABLE
    assert verdict.stand_in
    assert "stand-in squeezebert-tiny" in in_short(verdict)


def test_the_look_into_the_modules_names_what_was_found(judge):
    assert "grouped pointwise: 60" in in_short(judge(named("depthwise")))


def test_real_data_decides_about_quality(judge):
    records = [
        example.quality_record(model, "rte", score, data="hub:nyu-mll/glue@abc")
        for model, score in (("bert-base", 0.70), ("squeezebert", 0.90))
    ]
    assert judge(named("glue-quality"), records).kind == VerdictKind.SUPPORTED


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- id: a\n  statement: [", "line"),
        ("just text", "claims are a list"),
        ("- {id: a, statement: s, candidate: m, comparison: above, threshold: 1}", "either a quantity or convolutions"),
        ("- {id: a, statement: s, candidate: m, quantity: speeed, comparison: above, threshold: 1}", "speeed"),
        ("- {id: a, statement: s, candidate: m, quantity: flops, comparison: ratio_below, threshold: 1}", "baseline"),
        ("- {id: a, statement: s, candidate: m, quantity: flops, comparison: above}", "line 1: 0.threshold"),
    ],
)
def test_a_wrong_claims_file_is_explained_in_one_line(text, says):
    with pytest.raises(InputError, match=says) as caught:
        parse(text, "mine.yaml")
    assert "mine.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_claims_of_ones_own_stand_in_the_report(make_run, tmp_path):
    own = tmp_path / "mine.yaml"
    own.write_text(
        "- {id: mine, statement: Mine is fast., candidate: squeezebert-tiny, quantity: latency_p50,"
        " comparison: below, threshold: 1000}"
    )
    page = render(make_run(), claims_file=own).read_text()

    assert "Mine is fast." in page


@pytest.mark.parametrize("task", ["squad", "squad-v2"])
def test_answers_on_squad_are_evidence_for_the_claim_about_questions(judge, task):
    record = example.quality_record("squeezebert", task, 0.9, data="local:x")
    as_f1 = tuple(replace(m, quantity="f1") for m in record.findings.measurements if m.quantity == "accuracy")
    records = [replace(record, findings=replace(record.findings, measurements=as_f1))]

    assert judge(named("questions"), records).kind == VerdictKind.SUPPORTED
