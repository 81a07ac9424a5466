"""The GLUE score: one number over the tasks, as the leaderboard computes it (Wang et al. 2019, arXiv 1804.07461)."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean

GLUE_METRICS: Mapping[str, tuple[str, ...]] = {
    "cola": ("matthews_correlation",),
    "sst2": ("accuracy",),
    "mrpc": ("f1", "accuracy"),
    "stsb": ("pearson", "spearman"),
    "qqp": ("f1", "accuracy"),
    "mnli": ("accuracy", "accuracy_mismatched"),
    "qnli": ("accuracy",),
    "rte": ("accuracy",),
    "wnli": ("accuracy",),
}
"""What counts, by task. A task's metrics are averaged first, so that each task weighs the same; AX does not count."""


def glue_score(scores: Mapping[str, Mapping[str, float]], *, wnli: bool = True) -> float:
    """The mean over tasks of the mean of each task's metrics, all as fractions. `scores`: task -> metric -> value.

    With `wnli=False`, over the eight tasks without WNLI, as BERT's paper and many after it report. Raises `ValueError`
    that names what is missing: a mean over fewer tasks is not a GLUE score.
    """
    wanted = {task: metrics for task, metrics in GLUE_METRICS.items() if wnli or task != "wnli"}
    missing = [f"{task} {m}" for task, metrics in wanted.items() for m in metrics if m not in scores.get(task, {})]
    if missing:
        raise ValueError(f"no GLUE score without {', '.join(missing)}")
    return fmean(fmean(scores[task][m] for m in metrics) for task, metrics in wanted.items())
