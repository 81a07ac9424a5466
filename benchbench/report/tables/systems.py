"""The main table: one row a system, a fine-tuned model on a target, with all that was measured of its one artefact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from benchbench.quantities import QUANTITIES
from benchbench.report.evaluations.intervals import CHANGE
from benchbench.report.evaluations.retained import SHARE, Retained
from benchbench.report.tables.table import ABSENT, Column, Entry, FilledColumn, Table, names, numbers, table, words
from benchbench.report.view import ORIGIN_TITLES, SYNTHETIC, Estimate, distinct, estimates, keys, ordered
from benchbench.runs.folder import Run

_OTHER = " with "
"""In a baseline: before it the model, after it what its weights are."""

COSTS = ("latency_p50", "speedup", "peak_memory", "energy_per_example", "artefact_bytes")

System = tuple[str, str, str, str]
"""Model (`who`), task, split (empty where there is one), target (`where`)."""


def systems(run: Run, deployed: pd.DataFrame, tests: Sequence[Retained], origin: str) -> Table:
    """The systems of `origin` among `deployed` (see `view.systems`), with what `tests` say of their scores."""
    rows = deployed[deployed["origin"] == origin]
    reasons = _reasons(run, deployed, origin)
    order = _order(rows, reasons)
    metrics = _metrics(run)
    kept = {(test.who, test.task, test.split, test.where): test for test in tests}
    columns: list[FilledColumn] = [
        words("Model", [who for who, *_ in order]),
        words("Task", [f"{task} ({split})" if split else task for _, task, split, _ in order]),
        words("Target", [where for *_, where in order]),
        words("Metric", [QUANTITIES[metrics[task]].title for _, task, *_ in order]),
        _scores(rows, order, metrics, reasons),
        numbers(CHANGE, _of_splits(rows, CHANGE, order)),
        numbers("agreement", _of_splits(rows, "agreement", order)),
        _kept([kept.get(system) for system in order]),
    ]
    for quantity in COSTS:
        found = _of_systems(rows, quantity)
        absent = [reasons.get(_whole(system), {}).get(quantity, ABSENT) for system in order]
        columns.append(numbers(quantity, [found.get(_whole(system)) for system in order], absent=absent))
    return table(f"systems-{origin}", f"Systems on {ORIGIN_TITLES[origin]}", columns, _notes(rows))


def _whole(system: System) -> tuple[str, str, str]:
    """Without the split: one artefact answers all of a task's splits."""
    who, task, _, where = system
    return who, task, where


def _order(rows: pd.DataFrame, reasons: Mapping[tuple[str, str, str], object]) -> list[System]:
    """Those measured, and those of which nothing is known but why; the targets of a model on a task together."""
    scored = rows[rows["quantity"] == CHANGE]
    found = [(str(a), str(b), str(c), str(d)) for a, b, c, d in distinct(scored, ("who", "task", "split", "where"))]
    measured = {_whole(system) for system in found}
    found += [(who, task, "", where) for who, task, where in reasons if (who, task, where) not in measured]
    groups = list(dict.fromkeys(system[:3] for system in found))
    return sorted(found, key=lambda system: groups.index(system[:3]))


def _metrics(run: Run) -> Mapping[str, str]:
    """The main metric of each task."""
    return {
        str(m.subject.task): training.marking.metrics[0]
        for record in run.records
        if (training := record.findings.facts.training)
        for m in record.findings.measurements
    }


def _scores(
    rows: pd.DataFrame,
    order: Sequence[System],
    metrics: Mapping[str, str],
    reasons: Mapping[tuple[str, str, str], Mapping[str, str]],
) -> FilledColumn:
    by_metric = {metric: _of_splits(rows, metric, order) for metric in set(metrics.values())}
    values = [by_metric[metrics[system[1]]][at] for at, system in enumerate(order)]
    absent = [reasons.get(_whole(system), {}).get("", ABSENT) for system in order]
    return numbers("score", values, "Score", absent)


def _of_splits(rows: pd.DataFrame, quantity: str, order: Sequence[System]) -> list[Estimate | None]:
    found = estimates(rows, quantity, ("who", "task", "split", "where"))
    return [found.get(system) for system in order]


def _of_systems(rows: pd.DataFrame, quantity: str) -> dict[tuple[object, ...], Estimate]:
    """A cost by model, task and target, on texts as long as they come or of the artefact itself."""
    found = estimates(rows[~over_weights(rows)], quantity, ("who", "task", "where", "lengths"))
    return {key[:3]: value for key, value in found.items()}


def over_weights(rows: pd.DataFrame) -> pd.Series:
    """The speedups over other weights in the same architecture, whose baseline is no target."""
    return rows["baseline"].str.contains(_OTHER, regex=False)


def other_weights(deployed: pd.DataFrame) -> Table:
    """How fast each system is beside the same architecture with other weights, on the same texts in turn."""
    rows = deployed[over_weights(deployed)]
    subject = ("who", "task", "where", "lengths")
    order = distinct(rows, subject)
    found = estimates(rows, "speedup", (*subject, "baseline"))
    baselines = {name: name.partition(_OTHER)[2] for name in ordered(rows["baseline"])}
    columns = [names(title, order, place) for place, title in enumerate(("Model", "Task", "Target"))]
    for kind in dict.fromkeys(baselines.values()):
        of_kind = {key[:-1]: value for key, value in found.items() if baselines[str(key[-1])] == kind}
        columns.append(numbers("speedup", [of_kind.get(key) for key in order], f"Over {kind}"))
    note = (
        "Their time divided by that of the trained weights. Where 1 lies outside an interval, speed depends on values."
    )
    return table("other-weights", "Speed with other weights", columns, [note])


def _kept(tests: Sequence[Retained | None]) -> FilledColumn:
    said = [Entry(each.test.decision) if each else Entry(ABSENT) for each in tests]
    return Column(f"Keeps {SHARE * 100:g} %"), said


def _reasons(run: Run, deployed: pd.DataFrame, origin: str) -> dict[tuple[str, str, str], dict[str, str]]:
    """Why a quantity of a system is absent, by quantity; under '' why all of it is."""
    missing = run.absences
    missing = missing[missing["study"].eq("quality") & missing["target"].notna()]
    whos = dict(zip(keys(deployed, ("cell",)), deployed["who"], strict=True))
    wheres = dict(zip(keys(deployed, ("cell", "target")), deployed["where"], strict=True))
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    asked = ("cell", "model", "task", "target", "data", "quantity", "reason")
    for cell, model, task, target, data, quantity, reason in keys(missing, asked):
        if (data == SYNTHETIC) != (origin == SYNTHETIC):
            continue
        system = str(whos.get((cell,), model)), str(task), str(wheres.get((cell, target), target))
        found.setdefault(system, {})[str(quantity or "")] = str(reason)
    return found


def _notes(rows: pd.DataFrame) -> list[str]:
    timed = rows[rows["quantity"] == "latency_p50"]
    sizes = ", ".join(str(size) for size in sorted(set(timed["batch_size"].dropna())))
    notes = [
        "A row is one artefact: scored and timed through the same session"
        + (f", on the task's own texts, {sizes} at a time." if sizes else "."),
        "Change of the score: against the same model in fp32 PyTorch, on the same examples; its interval is paired.",
        f"Keeps {SHARE * 100:g} %: whether the score is at least that share of the one in fp32 PyTorch, "
        "tested at 95 % on the same examples.",
    ]
    if baselines := ordered(rows.loc[rows["quantity"].eq("speedup") & ~over_weights(rows), "baseline"]):
        notes.append(f"Speedup: over {', '.join(baselines)}, on the same texts in turn.")
    trainings = rows.groupby(["who", "task", "where"])["seed"].nunique()
    if len(trainings) and trainings.max() > 1:
        notes.append(f"Up to {trainings.max()} seeds: intervals are over seeds and examples.")
    return notes
