from __future__ import annotations

from dataclasses import replace

import example_runs as example
import pytest

from benchbench.errors import InputError
from benchbench.report.claims.claims import Claim, parse, shipped
from benchbench.report.claims.judging import Measured, VerdictKind, evaluate
from benchbench.report.claims.verdicts import convolutions_of, in_short
from benchbench.report.evaluations.evaluation import evaluated
from benchbench.report.evaluations.intervals import over_seeds
from benchbench.report.pages.render import render
from benchbench.report.view import labelled, systems, unmeasured
from benchbench.report.view import named as named_rows


@pytest.fixture
def judge(make_run):
    """The verdict on a claim from the example run, or from other records."""

    def verdict(claim, records=None):
        run = make_run(records)
        answers = evaluated(run)
        missing = unmeasured(run.absences, named_rows(run.measurements))
        frame = over_seeds(run.measurements, answers)
        return evaluate(
            claim, Measured(labelled(frame), systems(frame), convolutions_of(run.records), answers, missing)
        )

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
        ("real-time", VerdictKind.UNDECIDED),
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


FEW = {"latency_p99": "needs 299 queries, has 25"}


def timed(target, few=FEW, pace=1.0):
    return example.with_few_queries(example.efficiency_record(target, ("bert-base", "squeezebert"), pace), few)


def test_a_bound_for_99_of_100_cases_is_undecided_with_too_few_queries(judge):
    found = judge(named("real-time"), [timed("cpu", pace=0.5)])  # all of the 25 queries within 49 ms

    assert found.kind == VerdictKind.UNDECIDED
    assert found.evidence[0].estimate is None
    assert in_short(found) == "latency p99 (ms) not known on cpu, batch 1 × 128 tokens; needs 299 queries, has 25"


def test_few_queries_are_enough_where_half_of_them_take_longer(judge):
    found = judge(named("real-time"), [timed("cpu", pace=2.0)])

    assert found.kind == VerdictKind.NOT_SUPPORTED
    assert in_short(found).startswith("latency p99 (ms) 140 (137 to 143) on cpu, batch 1 × 128 tokens, p50")


def test_one_place_without_enough_queries_leaves_the_claim_undecided(judge):
    found = judge(named("real-time"), [timed("cpu", few={}, pace=0.5), timed("other", pace=0.5)])

    assert found.kind == VerdictKind.UNDECIDED
    assert "undecided in 1 (other, batch 1 × 128 tokens needs 299 queries, has 25)" in in_short(found)


@pytest.mark.parametrize(
    ("threshold", "kind"),
    [(101, VerdictKind.SUPPORTED), (95, VerdictKind.NOT_SUPPORTED), (99, VerdictKind.UNDECIDED)],
)
def test_a_bound_for_a_percentile_is_tested_by_its_interval(judge, threshold, kind):
    bound = claim(quantity="latency_p99", comparison="below", threshold=threshold, where={"batch_size": [1]})
    found = judge(bound, [timed("cpu", few={})])  # 98 ms, from 95.1 to 100.9 ms

    assert found.kind == kind
    more = "needs about 2,300 more queries" if kind == VerdictKind.UNDECIDED else ""
    assert found.evidence[0].needs == more


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
    assert verdict.shown
    assert "stand-in squeezebert-tiny" in in_short(verdict)


def test_the_look_into_the_modules_names_what_was_found(judge):
    assert "grouped pointwise: 60" in in_short(judge(named("depthwise")))


def test_real_data_decides_about_quality(judge):
    records = [
        example.quality_record(model, "rte", score, data="hub:nyu-mll/glue@abc", weights="hub:x@1")
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
    record = example.quality_record("squeezebert", task, 0.9, data="local:x", weights="hub:x@1")
    as_f1 = tuple(replace(m, quantity="f1") for m in record.findings.measurements if m.quantity == "accuracy")
    records = [replace(record, findings=replace(record.findings, measurements=as_f1))]

    assert judge(named("questions"), records).kind == VerdictKind.SUPPORTED


REAL = {"data": "local:mine", "weights": "local:trained"}


def no_worse(threshold, **fields):
    return claim(baseline="bert-base", quantity="score", comparison="no_worse_by", threshold=threshold, **fields)


def trained(model, right, examples=2000, seeds=1, **more):
    more = {**REAL, "examples": examples, **more}
    return [example.system_record(model, "mine", right, {}, seed=seed, **more) for seed in range(seeds)]


def test_no_worse_is_decided_on_the_same_examples(judge):
    records = [*trained("squeezebert", 0.9), *trained("bert-base", 0.9)]

    assert judge(no_worse(0.05), records).kind == VerdictKind.SUPPORTED
    worse = [*trained("squeezebert", 0.7), *trained("bert-base", 0.9)]
    assert judge(no_worse(0.05), worse).kind == VerdictKind.NOT_SUPPORTED


def test_an_undecided_claim_says_how_many_examples_or_seeds_it_needs(judge):
    records = [*trained("squeezebert", 0.9, 300), *trained("bert-base", 0.9, 300)]
    verdict = judge(no_worse(0.01), records)

    assert verdict.kind == VerdictKind.UNDECIDED
    assert "needs about" in in_short(verdict)
    assert "more examples" in in_short(verdict)


def test_a_share_of_the_baseline_is_kept_or_not(judge):
    records = [*trained("squeezebert", 0.85), *trained("bert-base", 0.9)]
    keeps = {"baseline": "bert-base", "quantity": "score", "comparison": "keeps"}

    assert judge(claim(**keeps, threshold=0.8), records).kind == VerdictKind.SUPPORTED
    assert judge(claim(**keeps, threshold=0.99), records).kind == VerdictKind.NOT_SUPPORTED


def test_scores_without_answers_are_compared_by_their_intervals(judge):
    def kind(score):
        records = [
            example.quality_record(model, "mine", value, **REAL)
            for model, value in (("bert-base", 0.8), ("squeezebert", score))
        ]
        return judge(no_worse(0.03), records).kind

    assert [kind(score) for score in (0.9, 0.8, 0.6)] == [
        VerdictKind.SUPPORTED,
        VerdictKind.UNDECIDED,
        VerdictKind.NOT_SUPPORTED,
    ]


def test_random_weights_decide_nothing_about_real_data(judge):
    records = [*trained("squeezebert", 0.9, weights="random"), *trained("bert-base", 0.9, weights="random")]
    verdict = judge(no_worse(0.05, data="real"), records)

    assert verdict.kind == VerdictKind.NOT_MEASURABLE
    assert verdict.shown
    assert "from random weights" in in_short(verdict)


def deployed(wrong, **more):
    wrong_on = {"cpu": 0, "onnxruntime-cpu-int8": wrong, "npu-int8": 0}
    return example.system_record("squeezebert", "mine", 0.9, wrong_on, **{**REAL, "examples": 2000, **more})


@pytest.mark.parametrize(
    ("wrong", "kind"), [(0, VerdictKind.SUPPORTED), (14, VerdictKind.UNDECIDED), (150, VerdictKind.MIXED)]
)
def test_int8_is_judged_on_each_of_its_targets(judge, wrong, kind):
    verdict = judge(named("int8-quality"), [deployed(wrong)])

    assert verdict.kind == kind
    assert [item.place for item in verdict.evidence] == [
        "squeezebert on onnxruntime-cpu-int8, mine",
        "squeezebert on npu-int8, mine",
    ]


@pytest.mark.parametrize("origin", [{"weights": "random"}, {"data": "synthetic"}])
def test_int8_on_synthetic_data_or_from_random_weights_is_shown_only(judge, origin):
    verdict = judge(named("int8-quality"), [deployed(0, **origin)])

    assert verdict.kind == VerdictKind.NOT_MEASURABLE
    assert len(verdict.shown) == 2


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"candidate": "m", "precision": "int8"}, "either a candidate or a precision"),
        ({"candidate": "m", "quantity": "flops", "baseline": "b"}, "tests scores"),
        ({"candidate": "m", "baseline": "b", "threshold": -0.03}, "from 0 to 1"),
        ({"candidate": "m"}, "needs a baseline"),
    ],
)
def test_a_claim_of_no_worse_that_says_too_little_is_refused(fields, says):
    whole = {"id": "x", "statement": "s", "quantity": "score", "comparison": "keeps", "threshold": 0.99, **fields}
    with pytest.raises(ValueError, match=says):
        Claim.model_validate(whole)
