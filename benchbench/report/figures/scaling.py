"""Latency against batch and against sequence length."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from benchbench.report.figures.charts import Figure, Rows, colour, complete, inline, point_shape, value_axis, with_ends
from benchbench.report.view import Estimate, all_models, estimates, headline
from benchbench.rounding import Scale


def scaling(view: pd.DataFrame) -> tuple[Figure, ...]:
    """Latency against batch and against length, on the target where most was measured, for each that varies."""
    drawn = []
    for axis, title, other in (("batch_size", "Batch", "sequence_length"), ("sequence_length", "Tokens", "batch_size")):
        figure = _scaling(view, axis, title, other)
        if figure:
            drawn.append(figure)
    return tuple(drawn)


def _scaling(view: pd.DataFrame, axis: str, title: str, other: str) -> Figure | None:
    rows_p50 = view[(view["quantity"] == "latency_p50") & view[axis].notna() & view[other].notna()]
    usual_shape = headline(view)
    if usual_shape is None or rows_p50[axis].nunique() < 2:
        return None
    where = rows_p50.groupby("where", sort=False)[axis].nunique().idxmax()
    rows_p50 = rows_p50[rows_p50["where"] == where]
    usual = usual_shape.sequence_length if other == "sequence_length" else usual_shape.batch_size
    fixed = usual if (rows_p50[other] == usual).any() else rows_p50[other].mode().iloc[0]
    found = estimates(rows_p50[rows_p50[other] == fixed], "latency_p50", ("who", axis))
    rows: Rows = [
        {
            "model": who,
            "size": size,
            **with_ends("latency", _each(value, size if axis == "batch_size" else 1), Scale(1, "")),
        }
        for (who, size), value in found.items()
    ]
    models = all_models(view)
    sizes = sorted({row["size"] for row in rows})
    x = alt.X(
        "size:Q",
        title=title,
        scale=alt.Scale(type="log", base=2, padding=14),
        axis=alt.Axis(values=sizes, format="d"),
    )
    y = alt.Y("latency:Q", title="Latency per example (ms)", **value_axis(rows, "latency"))
    base = alt.Chart(inline(rows))
    chart = alt.layer(
        base.mark_line(strokeWidth=1.5).encode(x=x, y=y, color=colour(models, rows)),
        base.mark_rule().encode(x=x, y=alt.Y("latency_low:Q"), y2="latency_high:Q", color=colour(models, rows)),
        base.mark_point(filled=True, size=70).encode(
            x=x,
            y=y,
            color=colour(models, rows),
            shape=point_shape(models, rows),
            tooltip=["model:N", alt.Tooltip("size:Q", title=title), alt.Tooltip("latency:Q", format=".4~g")],
        ),
    ).properties(height=240)
    fixed_words = f"{fixed} tokens" if axis == "batch_size" else f"batch {fixed}"
    caption = f"Median latency divided by the batch, on {where}, {fixed_words}."
    key = "latency-by-batch" if axis == "batch_size" else "latency-by-length"
    return complete(key, f"Latency against {'batch' if axis == 'batch_size' else 'length'}", caption, rows, chart)


def _each(value: Estimate, divisor: Any) -> Estimate:
    divided = [None if v is None else v / divisor for v in (value.value, value.low, value.high)]
    return Estimate(float(divided[0] or 0.0), divided[1], divided[2], value.basis, value.stable, value.samples)
