"""How many tokens a second short and long texts run at."""

from __future__ import annotations

import altair as alt
import pandas as pd

from benchbench.report.figures.charts import (
    LINES_LEGEND,
    Figure,
    Rows,
    colour,
    complete,
    inline,
    log_axis,
    point_shape,
    with_ends,
)
from benchbench.report.view import all_models, estimates, headline, ordered
from benchbench.rounding import Scale

_MOST_TARGETS = 3
"""More lines than those of so many targets cross each other too often; the tables hold them all."""


def tokens(view: pd.DataFrame) -> Figure | None:
    """Tokens per second against the length of a text, a line for each model on a target."""
    found = view[(view["quantity"] == "token_throughput") & view["sequence_length"].notna()]
    usual = headline(view)
    if usual is None or found["sequence_length"].nunique() < 2:
        return None
    found = found[found["batch_size"] == usual.batch_size]
    shown = ordered(found["where"])[:_MOST_TARGETS]
    rows: Rows = [
        {"model": who, "target": where, "tokens": length, **with_ends("rate", value, Scale(1, ""))}
        for (who, where, length), value in estimates(
            found[found["where"].isin(shown)], "token_throughput", ("who", "where", "sequence_length")
        ).items()
    ]
    if len({row["tokens"] for row in rows}) < 2:
        return None
    models = all_models(view)
    lengths = sorted({row["tokens"] for row in rows})
    x = alt.X(
        "tokens:Q",
        title="Tokens in a text",
        scale=alt.Scale(type="log", base=2, padding=14, nice=False),
        axis=alt.Axis(values=lengths, format="d", labelOverlap="greedy"),
    )
    y = alt.Y("rate:Q", title="Tokens per second", **log_axis(rows, ("rate", "rate_low", "rate_high")))
    dash = [alt.StrokeDash("target:N", sort=shown, legend=LINES_LEGEND)] if len(shown) > 1 else []
    base = alt.Chart(inline(rows)).encode(x=x, color=colour(models, rows))
    number = alt.Tooltip("rate:Q", title="tokens per second", format=",.4~r")
    points = base.mark_point(filled=True, size=60, opacity=1).encode(
        y=y, shape=point_shape(models, rows), tooltip=["model:N", "target:N", alt.Tooltip("tokens:Q"), number]
    )
    chart = alt.layer(
        base.mark_line(strokeWidth=1.5).encode(y, *dash, detail="target:N"),
        base.mark_rule().encode(y=alt.Y("rate_low:Q"), y2="rate_high:Q"),
        points,
    ).properties(height=320)
    caption = (
        f"Batch {usual.batch_size}, texts that fill their length, with 95 % intervals, on {', '.join(shown)}. Where a "
        "line falls, a token of a longer text costs more; where it rises, short texts leave the machine idle."
    )
    return complete("tokens-by-length", "Tokens per second against length", caption, rows, chart)
