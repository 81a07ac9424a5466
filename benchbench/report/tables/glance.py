"""The run at a glance: one row a model."""

from __future__ import annotations

import pandas as pd

from benchbench.report import tails
from benchbench.report.tables.size import counted_at, one_per_model
from benchbench.report.tables.table import FilledColumn, Table, numbers, numbers_or_why, table, words
from benchbench.report.view import all_models, at, estimates, headline, origins, overall
from benchbench.report.warnings import counted

_SYSTEM = ("who", "where")


def summary(view: pd.DataFrame, missing: pd.DataFrame) -> Table:
    """One row a model: its size, its work, its fastest target at batch 1, its cost there, its scores.

    `missing`: what is `view.unmeasured`.
    """
    models = all_models(view)
    shape = headline(view)
    columns: list[FilledColumn] = [words("Model", models)]
    for quantity in ("parameters", "flops"):
        found = one_per_model(view if quantity == "parameters" or shape is None else counted_at(view, shape), quantity)
        columns.append(numbers(quantity, [found.get(model) for model in models]))
    notes: list[str] = []
    if shape is not None:
        rows = at(view, shape)
        best = fastest_targets(rows)
        pairs = [(model, best.get(model, "")) for model in models]
        tail = tails.highest(rows, _SYSTEM, [pair for pair in pairs if pair[1]])
        columns.append(words("Fastest target", [where for _, where in pairs]))
        for quantity in ("latency_p50", tail, "peak_memory", "energy_per_example"):
            columns.append(numbers_or_why(quantity, rows, at(missing, shape), _SYSTEM, pairs))
        notes.append(
            f"Speed, memory and energy at {shape}, on each model's own fastest target. {tails.above(tail)}".rstrip()
        )
    for origin in origins(view):
        tasks, score = overall(view, origin)
        title = f"Score, {origin}"
        columns.append(numbers("score", [score.get(model) for model in models], title))
        what = f"mean over {counted(len(tasks), 'task')} ({', '.join(tasks)}), 0 to 1"
        notes.append(f"{title}: {what if tasks else 'none, for no task was measured with all of these models'}.")
    return table("summary", "At a glance", columns, notes)


def fastest_targets(rows: pd.DataFrame) -> dict[str, str]:
    """For each model the target with the lowest median latency among `rows`."""
    best: dict[str, tuple[float, str]] = {}
    for (who, where), value in estimates(rows, "latency_p50", ("who", "where")).items():
        candidate = (value.value, str(where))
        best[str(who)] = min(best.get(str(who), candidate), candidate)
    return {who: where for who, (_, where) in best.items()}
