"""Seeds that came to nothing are counted, and seeds of two recipes are not mixed."""

from dataclasses import replace

import example_runs as example
import pytest

from benchbench.records import Failure, FailureKind, Findings
from benchbench.report import convergence
from benchbench.report.tables import scores
from benchbench.report.view import labelled


def with_one_answer(record):
    facts = record.findings.facts
    one_answer = replace(facts, training=replace(facts.training, one_answer=True))
    return replace(record, findings=replace(record.findings, facts=one_answer))


def test_runs_that_diverged_or_give_one_answer_are_counted(make_run):
    good, lost, diverged = (example.quality_record("squeezebert", "rte", 0.5, "local:x", seed) for seed in range(3))
    diverged = replace(diverged, failure=Failure(FailureKind.DIVERGED, "the loss is nan"), findings=Findings())
    run = make_run([good, with_one_answer(lost), diverged])
    assert list(convergence.sentences(run)) == ["squeezebert on rte: 2 of 3 runs did not converge."]


def test_two_recipes_of_a_model_have_a_row_each(make_run):
    record = example.quality_record("squeezebert", "rte", 0.5, "local:x")

    def by(recipe, score):
        measurements = tuple(
            replace(m, value=score if m.quantity == "accuracy" else m.value, subject=replace(m.subject, recipe=recipe))
            for m in record.findings.measurements
        )
        return replace(
            record, cell=recipe, findings=replace(record.findings, measurements=tuple(m for m in measurements))
        )

    view = labelled(make_run([by("usual", 0.5), by("fast", 0.5)]).measurements)
    rows = scores.quality(view, "real").rows
    assert [row[0].text for row in rows] == ["squeezebert (usual)", "squeezebert (fast)"]


@pytest.mark.parametrize("predicted", [[1, 1, 1], [0, 1, 1]])
def test_one_answer_for_every_example_is_noticed(predicted):
    import numpy
    from scored import classified

    from benchbench.tasks import registry

    logits = numpy.eye(2)[predicted]
    outcomes = classified(registry.find("rte"), logits, [0, 1, 0])
    assert outcomes.one_answer is (len(set(predicted)) == 1)
