"""Quality: models × tasks' metrics, and GLUE's mean where a run has all of its tasks."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from benchbench.quantities import QUANTITIES, SCORES
from benchbench.report.tables.table import Table, numbers, table, words
from benchbench.report.view import ORIGIN_TITLES, REAL, Estimate, estimates, joined, ordered
from benchbench.report.warnings import counted
from benchbench.tasks.glue.score import GLUE_METRICS, glue_score

TITLES: Mapping[bool, str] = {True: "GLUE score", False: "GLUE score without WNLI"}


def quality(view: pd.DataFrame, origin: str) -> Table:
    """Models × tasks' metrics, on data of one `origin` only."""
    rows = view[(view["origin"] == origin) & view["quantity"].isin(SCORES)]
    models = ordered(rows["who"])
    weights = {who: ", ".join(ordered(group["weights"])) for who, group in rows.groupby("who")}
    columns = [words("Model", models), words("Started from", [weights[model] for model in models])]
    for task in ordered(rows["task"]):
        of_task = rows[rows["task"] == task]
        for quantity in SCORES:
            found = estimates(of_task, quantity, ("who",))
            if found:
                title = f"{task}: {QUANTITIES[quantity].title}"
                columns.append(numbers(quantity, [found.get((model,)) for model in models], title))
    for wnli, title in TITLES.items():
        score = glue_scores(rows, wnli=wnli)
        if score:
            columns.append(numbers("glue_score", [score.get(model) for model in models], title))
    seeds = rows["seed"].nunique()
    notes = [f"{counted(seeds, 'seed')}. Higher is better; 1 is perfect."]
    if origin == "synthetic":
        notes.append("Synthetic tasks: generated text in the shape of the real task. Not comparable with real scores.")
    else:
        notes.append("Data: " + ", ".join(ordered(rows["data"])) + ".")
    return table(f"quality-{origin}", f"Quality on {ORIGIN_TITLES[origin]}", columns, notes)


def glue_scores(view: pd.DataFrame, *, wnli: bool) -> dict[str, Estimate]:
    """By model (`who`): the score of each seed that has every task, as one estimate over those seeds."""
    wanted = view["task"].isin(GLUE_METRICS) & view["quantity"].isin(SCORES)
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
