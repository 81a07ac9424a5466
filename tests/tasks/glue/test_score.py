"""The GLUE score is the leaderboard's mean, and there is none over fewer tasks."""

import pytest

from benchbench.tasks.glue.score import GLUE_METRICS, glue_score


def test_the_glue_score_averages_metrics_within_tasks_then_tasks():
    perfect = {task: dict.fromkeys(metrics, 1.0) for task, metrics in GLUE_METRICS.items()}
    assert glue_score(perfect) == 1.0
    weak = {**perfect, "mrpc": {"f1": 0.5, "accuracy": 0.0}, "wnli": {"accuracy": 0.0}}
    assert glue_score(weak) == pytest.approx((7 + 0.25 + 0) / 9)
    assert glue_score(weak, wnli=False) == pytest.approx((7 + 0.25) / 8)


def test_a_glue_score_over_fewer_tasks_is_refused():
    with pytest.raises(ValueError, match=r"no GLUE score without .*mnli accuracy_mismatched"):
        glue_score({"mnli": {"accuracy": 0.8}})
