"""The GLUE score of each model whose run has all of GLUE's tasks, with WNLI and without."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from benchbench.report.view import METRICS, REAL, Estimate, joined
from benchbench.tasks.glue.score import GLUE_METRICS, glue_score

TITLES: Mapping[bool, str] = {True: "GLUE score", False: "GLUE score without WNLI"}


def glue_scores(view: pd.DataFrame, *, wnli: bool) -> dict[str, Estimate]:
    """By model (`who`): the score of each seed that has every task, as one estimate over those seeds."""
    wanted = view["task"].isin(GLUE_METRICS) & view["quantity"].isin(METRICS) & (view["part"] == "")
    rows = view[wanted & (view["origin"] == REAL)]
    by_model: dict[str, list[Estimate]] = {}
    for (who, _), group in rows.groupby(["who", "seed"], sort=False):
        scores: dict[str, dict[str, float]] = {}
        for task, quantity, value in zip(group["task"], group["quantity"], group["value"], strict=True):
            scores.setdefault(task, {})[quantity] = float(value)
        try:
            found = glue_score(scores, wnli=wnli)
        except ValueError:  # a task is missing: there is no score
            continue
        by_model.setdefault(str(who), []).append(Estimate(found, samples=len(scores)))
    return {who: joined(seeds) for who, seeds in by_model.items()}
