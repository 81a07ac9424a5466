"""Sizes and work of the models, and which layers they go to."""

from __future__ import annotations

import pandas as pd

from benchbench.quantities import QUANTITIES
from benchbench.report.tables.table import Table, names, numbers, table, words
from benchbench.report.view import Estimate, Shape, all_models, at, distinct, estimates, headline, whole


def size(view: pd.DataFrame) -> Table:
    """Parameters, weights, FLOPs: exact counts."""
    models = [m for m in all_models(view) if m in one_per_model(view, "parameters")]
    shape = headline(view)
    rows = view if shape is None else counted_at(view, shape)
    columns = [words("Model", models)]
    for quantity in ("parameters", "weight_bytes", "flops", "macs", "flops_other"):
        found = one_per_model(rows if "shape" in QUANTITIES[quantity].depends_on else view, quantity)
        columns.append(numbers(quantity, [found.get(model) for model in models]))
    note = "FLOPs: matrix work (linear, convolution, attention products); 1 MAC = 2 FLOP; the rest stands apart."
    where = f" For {shape}." if shape else ""
    return table("size", "Size and work", columns, [note + where])


def layers(view: pd.DataFrame) -> Table:
    """Where the FLOPs and the time go, by type of layer."""
    rows = view[view["quantity"].isin(("flops_share", "latency_share")) & view["layer"].ne("")]
    order = distinct(rows, ("who", "where", "layer"))
    columns = [names(title, order, i) for i, title in enumerate(("Model", "Target", "Layer type"))]
    for quantity in ("flops_share", "latency_share"):
        found = estimates(rows, quantity, ("who", "where", "layer"))
        columns.append(numbers(quantity, [found.get(key) for key in order]))
    return table("layers", "Where the work and the time go", columns)


def one_per_model(view: pd.DataFrame, quantity: str) -> dict[str, Estimate]:
    """A property of the model itself: the first value found (a model's parameters are the same on every target)."""
    rows = whole(view[view["quantity"] == quantity]).drop_duplicates("who")
    return {str(who): value for (who,), value in estimates(rows, quantity, ("who",)).items()}


def counted_at(view: pd.DataFrame, shape: Shape) -> pd.DataFrame:
    """Rows at `shape`, or without a shape; all rows when that leaves nothing."""
    shapeless = view["batch_size"].isna() & view["sequence_length"].isna()
    rows = pd.concat([view[shapeless], at(view, shape)]).sort_index()
    return rows if len(rows) else view
