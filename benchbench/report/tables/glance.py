"""The run at a glance: one row a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from benchbench.report import tails
from benchbench.report.headlines.deployments import FastestSystem, fastest_systems
from benchbench.report.tables.size import counted_at, one_per_model
from benchbench.report.tables.table import FilledColumn, Table, numbers, numbers_or_why, table, words
from benchbench.report.view import Estimate, Key, all_models, at, estimates, headline, origins, overall
from benchbench.report.warnings import counted
from benchbench.rounding import OWN_TEXTS

_SYSTEM = ("who", "where")


def summary(view: pd.DataFrame, deployed: pd.DataFrame, missing: pd.DataFrame) -> Table:
    """One row a model: its size, its work, its fastest target at batch 1, its cost there, its scores.

    `deployed`: see `view.systems`; a model that was timed there alone has its fastest target and median of that.
    `missing`: what is `view.unmeasured`.
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
        timed, absent = (rows.iloc[:0] if shape is None else at(rows, shape) for rows in (view, missing))
        drawn, note = _fastest(timed, absent, models, own)
        columns += drawn
        if shape is not None:
            notes.append(f"Speed, memory and energy at {shape}, on each model's own fastest target. {note}".rstrip())
    for origin in origins(view):
        tasks, score = overall(view, origin)
        title = f"Score, {origin}"
        columns.append(numbers("score", [score.get(model) for model in models], title))
        what = f"mean over {counted(len(tasks), 'task')} ({', '.join(tasks)}), 0 to 1"
        notes.append(f"{title}: {what if tasks else 'none, for no task was measured with all of these models'}.")
    return table("summary", "At a glance", columns, notes)


def _fastest(
    rows: pd.DataFrame, missing: pd.DataFrame, models: Sequence[str], own: Mapping[str, FastestSystem]
) -> tuple[list[FilledColumn], str]:
    """The columns of what each model costs where it is fastest; and what to say of the tail that they show."""
    best = fastest_targets(rows)
    alone = {model: own[model] for model in models if model in own and model not in best}
    pairs = [(model, best.get(model, "")) for model in models]
    tail = tails.highest(rows, _SYSTEM, [pair for pair in pairs if pair[1]])
    drawn = [words("Fastest target", [alone[model].where if model in alone else where for model, where in pairs])]
    drawn.append(_medians(estimates(rows, "latency_p50", _SYSTEM), pairs, alone))
    drawn += [
        numbers_or_why(name, rows, missing, _SYSTEM, pairs) for name in (tail, "peak_memory", "energy_per_example")
    ]
    return drawn, tails.above(tail)


def _medians(
    timed: Mapping[Key, Estimate], pairs: Sequence[tuple[str, str]], alone: Mapping[str, FastestSystem]
) -> FilledColumn:
    """All in one unit; those of models that were timed on their own texts `alone` have a mark."""
    medians = [alone[model].median if model in alone else timed.get((model, where)) for model, where in pairs]
    column, entries = numbers("latency_p50", medians)
    return column, [
        replace(entry, marks=entry.marks + OWN_TEXTS) if model in alone else entry
        for (model, _), entry in zip(pairs, entries, strict=True)
    ]


def fastest_targets(rows: pd.DataFrame) -> dict[str, str]:
    """For each model the target with the lowest median latency among `rows`."""
    best: dict[str, tuple[float, str]] = {}
    for (who, where), value in estimates(rows, "latency_p50", ("who", "where")).items():
        candidate = (value.value, str(where))
        best[str(who)] = min(best.get(str(who), candidate), candidate)
    return {who: where for who, (_, where) in best.items()}
