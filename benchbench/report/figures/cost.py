"""Latency, speedup and memory of each model on each target."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from benchbench.report import tails
from benchbench.report.figures import style
from benchbench.report.figures.charts import (
    Figure,
    Rows,
    complete,
    dodged,
    dodged_layers,
    height,
    inline,
    left_out,
    readable,
    value_axis,
    with_ends,
)
from benchbench.report.view import against_largest, all_models, at, estimates, headline, ordered
from benchbench.rounding import Scale, scale


def latency(view: pd.DataFrame) -> Figure | None:
    """Median latency with its interval, and the highest percentile that all have, for each target and model."""
    shape = headline(view)
    if shape is None:
        return None
    rows_at = at(view, shape)
    medians = estimates(rows_at, "latency_p50", ("where", "who"))
    tail = tails.highest(rows_at, ("where", "who"), list(medians))
    percentile = tail.removeprefix("latency_")
    slow = estimates(rows_at, tail, ("where", "who"))
    unit = scale("latency_p50", [value.value for value in medians.values()])
    rows: Rows = [
        {
            "target": where,
            "model": who,
            **with_ends("median", value, unit),
            percentile: slow[where, who].value * unit.factor if (where, who) in slow else None,
        }
        for (where, who), value in medians.items()
    ]
    kept = readable(rows)
    models = all_models(view)
    x = alt.X("median:Q", title=f"Latency ({unit.unit})", **value_axis(kept, "median", percentile))
    chart = dodged(kept, models, x, "median", [(f"{percentile}:Q", percentile)])
    ticks = f"{percentile.removeprefix('p')}th percentile (tick, where there are queries enough)"
    caption = f"Median (point, with its 95 % interval){f' and {ticks}' if slow else ''} at {shape}. Left is better."
    caption += left_out(rows, kept)
    return complete("latency", "Latency on each target", caption, kept, chart)


def speedup(view: pd.DataFrame, published: Sequence[tuple[str, float]] = ()) -> Figure | None:
    """Paired speedup over the baseline for each target. `published`: labelled values to mark beside it."""
    shape = headline(view)
    if shape is None:
        return None
    found = estimates(at(against_largest(view), shape), "speedup", ("where", "who", "baseline"))
    rows: Rows = [
        {"target": where, "model": who, "baseline": baseline, **with_ends("speedup", value, Scale(1, ""))}
        for (where, who, baseline), value in found.items()
    ]
    if not rows:
        return None
    kept = readable(rows)
    unit = {"speedup": 1.0}
    marked: Rows = [{"label": label, "speedup": value} for label, value in published]
    baselines = ordered(pd.Series([row["baseline"] for row in kept]))
    x = alt.X(
        "speedup:Q", title=f"Speedup over {', '.join(baselines)} (×)", **value_axis([*kept, *marked, unit], "speedup")
    )
    one = alt.Chart(inline([unit])).mark_rule(color=style.RULE, strokeDash=[4, 3]).encode(x="speedup:Q")
    layers = [one, *dodged_layers(kept, all_models(view), x, "speedup", [])]
    if marked:
        base = alt.Chart(inline(marked)).encode(x="speedup:Q", tooltip=["label:N", "speedup:Q"])
        layers.append(base.mark_rule(color=style.RULE, strokeWidth=1.5))
    caption = f"Baseline's latency over the model's at {shape}, paired, with 95 % intervals. Right of 1 is faster."
    caption += left_out(rows, kept)
    caption += "".join(f" Solid line: {label}." for label, _ in published)
    chart = alt.layer(*layers).properties(height=height(kept))
    return complete("speedup", "Speedup on each target", caption, kept, chart)


def memory(view: pd.DataFrame) -> Figure | None:
    """Peak memory for each target and model, with the part that the weights take."""
    shape = headline(view)
    rows_at = view if shape is None else at(view, shape)
    peaks = estimates(rows_at, "peak_memory", ("where", "who"))
    if not peaks:
        return None
    weights = estimates(rows_at, "weights_memory", ("where", "who"))
    unit = scale("peak_memory", [value.value for value in peaks.values()])
    rows: Rows = [
        {
            "target": where,
            "model": who,
            **with_ends("peak", value, unit),
            "weights": weights[where, who].value * unit.factor if (where, who) in weights else None,
        }
        for (where, who), value in peaks.items()
    ]
    kept = readable(rows)
    x = alt.X("peak:Q", title=f"Peak memory ({unit.unit})", **value_axis(kept, "peak", "weights"))
    chart = dodged(kept, all_models(view), x, "peak", [("weights:Q", "weights")])
    caption = "Peak of a fresh process above its own start"
    caption += " (point); the tick is the part that the weights take." if weights else "."
    caption += left_out(rows, kept)
    return complete("memory", "Memory on each target", caption, kept, chart)
