"""Where the work goes, and how near to the limit of the machine it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import altair as alt
import pandas as pd

from benchbench.report.figures import style
from benchbench.report.figures.charts import LINES_LEGEND, Figure, Rows, colour, complete, inline, log_axis, point_shape
from benchbench.report.view import all_models, at, estimates, headline, ordered


def layers(view: pd.DataFrame) -> Figure | None:
    """Where FLOPs and time go, by type of layer."""
    flops = estimates(view, "flops_share", ("who", "layer"))
    times = estimates(view, "latency_share", ("who", "where", "layer"))
    rows: Rows = [
        {"bar": f"{who}: FLOPs", "layer": layer, "share": value.value * 100} for (who, layer), value in flops.items()
    ]
    rows += [
        {"bar": f"{who}: time{f' on {where}' if where else ''}", "layer": layer, "share": value.value * 100}
        for (who, where, layer), value in times.items()
    ]
    if not rows:
        return None
    bars = sorted({row["bar"] for row in rows})[:40]
    rows = [row for row in rows if row["bar"] in bars]
    kinds = ordered(pd.Series([row["layer"] for row in rows]))
    domain, palette = style.colours(kinds)
    for row in rows:
        row["position"] = kinds.index(row["layer"])
    chart = (
        alt.Chart(inline(rows))
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title="Share (%)", stack="zero", scale=alt.Scale(domain=[0, 100], clamp=True)),
            y=alt.Y("bar:N", title=None, sort=bars, axis=alt.Axis(labelLimit=220)),
            color=alt.Color("layer:N", scale=alt.Scale(domain=domain, range=palette)),
            order=alt.Order("position:Q"),
            tooltip=["bar:N", "layer:N", alt.Tooltip("share:Q", title="share (%)", format=".1f")],
        )
        .properties(height=20 * len(bars))
    )
    caption = "FLOPs are counted; time is a share of one forward pass. A layer type with more time than FLOPs is slow."
    return complete("layers", "Where the work and the time go", caption, rows, chart)


def roofline(view: pd.DataFrame) -> Figure | None:
    """What each model reaches, beside the machine's measured GEMM peak and memory bandwidth."""
    shape = headline(view)
    if shape is None:
        return None
    rows_at = at(view, shape)
    reached = estimates(rows_at, "achieved_flops", ("who", "where"))
    peaks = {where: value.value for (where,), value in estimates(view, "gemm_peak", ("where",)).items()}
    bandwidths = {where: value.value for (where,), value in estimates(view, "memory_bandwidth", ("where",)).items()}
    flops = {who: value.value for (who,), value in estimates(rows_at, "flops", ("who",)).items()}
    weights = {who: value.value for (who,), value in estimates(view, "weight_bytes", ("who",)).items()}
    rows: Rows = [
        {
            "model": who,
            "target": where,
            "intensity": flops[who] / weights[who],
            "reached": value.value / 1e9,
            "reached_low": None if value.low is None else value.low / 1e9,
            "reached_high": None if value.high is None else value.high / 1e9,
        }
        for (who, where), value in reached.items()
        if who in flops and weights.get(who)
    ]
    if not rows:
        return None
    models = all_models(view)
    roofs = _roofs([row["intensity"] for row in rows], peaks, bandwidths)
    x = alt.X("intensity:Q", title="FLOP per byte of weights", **log_axis([*rows, *roofs], ("intensity",)))
    y = alt.Y("reached:Q", title="GFLOP/s", **log_axis([*rows, *roofs], ("reached",)))
    points = (
        alt.Chart(inline(rows))
        .mark_point(filled=True, size=80, opacity=0.9)
        .encode(
            x=x,
            y=y,
            color=colour(models, rows),
            shape=point_shape(models, rows),
            tooltip=["model:N", "target:N", *(alt.Tooltip(f"{f}:Q", format=".4~g") for f in ("intensity", "reached"))],
        )
    )
    lines = (
        alt.Chart(inline(roofs))
        .mark_line(color=style.RULE, strokeWidth=1.5)
        .encode(x=x, y=y, detail="roof:N", strokeDash=alt.StrokeDash("roof:N", legend=LINES_LEGEND))
    )
    chart = alt.layer(*([lines] if roofs else []), points).properties(height=280)
    caption = (
        f"Achieved GFLOP/s at {shape}; the lines are the peaks of matrix products and of memory traffic measured on "
        "this machine. Intensity counts the weights as stored, once per batch: an upper bound, activations add traffic."
    )
    return complete("roofline", "How near to the machine's limit", caption, rows, chart)


def _roofs(intensities: Iterable[float], peaks: Mapping[Any, float], bandwidths: Mapping[Any, float]) -> Rows:
    """The roof over each distinct peak: min(peak, bandwidth × intensity), at the two ends and at the ridge."""
    found = list(intensities)
    low, high = min(found) / 3, max(found) * 3
    by_peak: dict[float, list[str]] = {}
    for where, peak in peaks.items():
        by_peak.setdefault(peak, []).append(str(where) or "machine")
    rows: Rows = []
    for peak, places in list(by_peak.items())[:6]:
        bandwidth = bandwidths.get(places[0]) or next(iter(bandwidths.values()), None)
        ridge = peak / bandwidth if bandwidth else low
        for intensity in sorted({low, min(max(ridge, low), high), high}):
            roof = min(peak, bandwidth * intensity) if bandwidth else peak
            name = f"peak: {', '.join(places)}"
            rows.append({"roof": name, "intensity": intensity, "reached": roof / 1e9})
    return rows
