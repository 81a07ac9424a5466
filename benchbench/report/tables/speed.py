"""Latency, throughput and speedups, and the limits of the machine beside them."""

from __future__ import annotations

import pandas as pd

from benchbench.report.tables.table import Column, Table, names, numbers, one_row_each, shape_columns, table, words
from benchbench.report.view import Shape, against_largest, at, distinct, estimates, ordered, whole


def latency(view: pd.DataFrame, shape: Shape) -> Table:
    """Targets × models: median latency at one shape."""
    return by_target(at(view, shape), "latency_p50", f"latency-{_slug(shape)}", f"Median latency, {shape}")


def by_target(rows: pd.DataFrame, quantity: str, key: str, title: str, notes: tuple[str, ...] = ()) -> Table:
    """Targets × models of one quantity, in one unit throughout; `–` where nothing was measured."""
    found = estimates(rows, quantity, ("where", "who"))
    of_quantity = rows[rows["quantity"] == quantity]
    targets, models = ordered(of_quantity["where"]), ordered(of_quantity["who"])
    everything = [found.get((target, model)) for target in targets for model in models]
    shared, entries = numbers(quantity, everything)
    columns = [words("Target", targets)]
    for index, model in enumerate(models):
        columns.append((Column(model, shared.unit, numeric=True), entries[index :: len(models)]))
    return table(key, title, columns, notes)


def speedup(view: pd.DataFrame) -> Table:
    """How many times faster than the largest model of its group: one row a target and shape."""
    return _speedups(against_largest(view), "speedup", "Speedup")


def speedup_pairs(view: pd.DataFrame) -> Table:
    """How many times faster each model is than each other one; empty when `speedup` says it all."""
    rows = whole(view[view["quantity"] == "speedup"])
    main = against_largest(view)
    if rows["baseline"].nunique() <= main["baseline"].nunique():
        rows = rows.iloc[:0]
    return _speedups(rows, "speedup-pairs", "Speedup of every model over every other")


def _speedups(rows: pd.DataFrame, key: str, title: str) -> Table:
    subject = ("where", "batch_size", "sequence_length", "baseline")
    order = distinct(rows, subject)
    found = estimates(rows, "speedup", (*subject, "who"))
    models = ordered(rows["who"])
    columns = [
        names("Target", order, 0),
        *shape_columns(order),
        names("Baseline", order, 3),
    ]
    for model in models:
        columns.append(numbers("speedup", [found.get((*key, model)) for key in order], model))
    note = "Baseline's latency divided by the model's, measured in turn in the same processes. Above 1: faster."
    return table(key, title, columns, [note])


def details(view: pd.DataFrame, missing: pd.DataFrame) -> Table:
    """Every latency with its percentiles, throughput, and its distance from the machine's limit.

    A percentile for which there are too few queries says how many it takes (`missing`: what is `view.unmeasured`).
    """
    quantities = (
        *("latency_p50", "latency_p90", "latency_p99", "latency_mean", "throughput", "token_throughput"),
        *("latency_floor", "achieved_flops", "roofline_fraction", "copy_share"),
    )
    return one_row_each(view, quantities, "details", "Latency and throughput in full", (), missing)


def limits(view: pd.DataFrame) -> Table:
    """What the machine can do at most on each target, and what it draws at rest."""
    quantities = ("gemm_peak", "memory_bandwidth", "idle_power")
    rows = view[view["quantity"].isin(quantities)]
    targets = ordered(rows["where"])
    columns = [words("Target", targets)]
    for quantity in quantities:
        found = estimates(rows, quantity, ("where",))
        columns.append(numbers(quantity, [found.get((target,)) for target in targets]))
    return table("limits", "The machine's limits", columns)


def _slug(shape: Shape) -> str:
    return f"b{shape.batch_size}-s{shape.sequence_length}"
