"""The GLUE score stands in the report where a model has all tasks, and nowhere else."""

import pandas as pd
import pytest

from benchbench.report.tables.scores import quality
from benchbench.report.view import labelled
from benchbench.runs.tidy import COLUMNS
from benchbench.tasks.glue.score import GLUE_METRICS


def view(tasks, models=("squeezebert",), seeds=(0,)):
    """Every metric of every task is 0.8, the second of MNLI's splits 0.7, WNLI 0.5; each seed adds 0.1."""
    rows = []
    for model in models:
        for seed in seeds:
            for task in tasks:
                for metric in GLUE_METRICS[task]:
                    split = {"accuracy_mismatched": "mismatched"}.get(metric, "matched" if task == "mnli" else "")
                    value = {"accuracy_mismatched": 0.7, "accuracy": 0.5 if task == "wnli" else 0.8}.get(metric, 0.8)
                    rows.append(
                        {
                            "study": "quality",
                            "model": model,
                            "weights": "hub:x",
                            "task": task,
                            "recipe": "",
                            "data": "hub:nyu-mll/glue@1",
                            "seed": seed,
                            "split": split,
                            "quantity": metric.removesuffix("_mismatched"),
                            "value": value + 0.1 * seed,
                            "basis": "measured",
                            "ci_low": None,
                            "ci_high": None,
                            "stable": True,
                            "samples": 1,
                        }
                    )
    frame = pd.DataFrame(rows)
    return labelled(frame.reindex(columns=list(COLUMNS)))


def shown(table):
    """The first model's cells by column title, GLUE scores only."""
    titles = [column.title for column in table.columns]
    return {title: cell.text for title, cell in zip(titles, table.rows[0], strict=True) if "GLUE" in title}


def test_a_model_with_all_nine_tasks_has_both_scores():
    columns = shown(quality(view(GLUE_METRICS), "real"))
    # Eight tasks of 0.8, of which MNLI is the mean of 0.8 and 0.7; then WNLI's 0.5 among nine.
    assert float(columns["GLUE score without WNLI"]) == pytest.approx((7 * 0.8 + 0.75) / 8, abs=6e-4)
    assert float(columns["GLUE score"]) == pytest.approx((7 * 0.8 + 0.75 + 0.5) / 9, abs=6e-4)


def test_without_wnli_only_the_score_over_eight_tasks_is_shown():
    assert list(shown(quality(view(set(GLUE_METRICS) - {"wnli"}), "real"))) == ["GLUE score without WNLI"]


def test_a_mean_over_fewer_tasks_is_not_called_a_glue_score():
    assert shown(quality(view(set(GLUE_METRICS) - {"cola"}), "real")) == {}


def test_the_score_of_several_seeds_is_their_mean():
    columns = shown(quality(view(GLUE_METRICS, seeds=(0, 1)), "real"))
    assert columns["GLUE score"].startswith("0.8")  # 0.761 and 0.861
