"""The run at a glance: one row a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from benchbench.report.headlines.deployments import FastestSystem, fastest_systems
from benchbench.report.tables.size import counted_at, one_per_model
from benchbench.report.tables.table import FilledColumn, Table, numbers, table, words
from benchbench.report.view import Estimate, all_models, at, estimates, headline, origins, overall
from benchbench.report.warnings import counted
from benchbench.rounding import OWN_TEXTS


def summary(view: pd.DataFrame, deployed: pd.DataFrame) -> Table:
    """One row a model: its size, its work, its fastest target at batch 1, its cost there, its scores.

    `deployed`: see `view.systems`; a model that was timed there alone has its fastest target and median of that.
    """
    models = all_models(view)
    shape = headline(view)
    columns: list[FilledColumn] = [words("Model", models)]
    for quantity in ("parameters", "flops"):
        found = one_per_model(view if quantity == "parameters" or shape is None else counted_at(view, shape), quantity)
        columns.append(numbers(quantity, [found.get(model) for model in models]))
    notes: list[str] = []
    own = {system.who: system for system in reversed([*fastest_systems(deployed)])}
    if shape is not None or own:
        columns += _fastest(view.iloc[:0] if shape is None else at(view, shape), models, own)
    if shape is not None:
        notes.append(f"Speed, memory and energy at {shape}, on each model's own fastest target.")
    for origin in origins(view):
        tasks, score = overall(view, origin)
        title = f"Score, {origin}"
        columns.append(numbers("score", [score.get(model) for model in models], title))
        what = f"mean over {counted(len(tasks), 'task')} ({', '.join(tasks)}), 0 to 1"
        notes.append(f"{title}: {what if tasks else 'none, for no task was measured with all of these models'}.")
    return table("summary", "At a glance", columns, notes)


def _fastest(rows: pd.DataFrame, models: list[str], own: Mapping[str, FastestSystem]) -> list[FilledColumn]:
    best = fastest_targets(rows)
    where = [best.get(model, "") for model in models]
    only_deployed = {model: own[model] for model in models if model in own and model not in best}
    shown = [only_deployed[model].where if model in only_deployed else best.get(model, "") for model in models]
    drawn = [words("Fastest target", shown)]
    for quantity in ("latency_p50", "latency_p99", "peak_memory", "energy_per_example"):
        found = estimates(rows, quantity, ("who", "where"))
        values = [found.get(pair) for pair in zip(models, where, strict=True)]
        drawn.append(
            _with_deployed(values, models, only_deployed) if quantity == "latency_p50" else numbers(quantity, values)
        )
    return drawn


def _with_deployed(
    timed: Sequence[Estimate | None], models: Sequence[str], only_deployed: Mapping[str, FastestSystem]
) -> FilledColumn:
    """The medians, and those of models that were timed on their own texts alone, each with its mark."""
    medians = [
        only_deployed[model].median if model in only_deployed else value
        for model, value in zip(models, timed, strict=True)
    ]
    column, entries = numbers("latency_p50", medians)
    return column, [
        replace(entry, marks=entry.marks + OWN_TEXTS) if model in only_deployed else entry
        for model, entry in zip(models, entries, strict=True)
    ]


def fastest_targets(rows: pd.DataFrame) -> dict[str, str]:
    """For each model the target with the lowest median latency among `rows`."""
    best: dict[str, tuple[float, str]] = {}
    for (who, where), value in estimates(rows, "latency_p50", ("who", "where")).items():
        candidate = (value.value, str(where))
        best[str(who)] = min(best.get(str(who), candidate), candidate)
    return {who: where for who, (_, where) in best.items()}
