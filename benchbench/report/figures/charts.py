"""The parts that figures are made of: data, axes, colours, and points with intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from benchbench.report.figures import style
from benchbench.report.view import Estimate
from benchbench.rounding import Scale

ROW_HEIGHT = 13
MOST_ROWS = 120
"""A figure with more rows than this is no longer read; the tables hold them all."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with what stands around it. `key` names its files; `caption` says what to see in it.

    `spec` is complete Vega-Lite, its width 'container'. `description` is read out instead of the picture.
    """

    key: str
    title: str
    caption: str
    description: str
    spec: Mapping[str, Any]


Rows = list[dict[str, Any]]


def readable(rows: Rows) -> Rows:
    """The rows of the first targets, whole targets only, up to `MOST_ROWS`."""
    kept: Rows = []
    for target in dict.fromkeys(row["target"] for row in rows):
        of_target = [row for row in rows if row["target"] == target]
        if kept and len(kept) + len(of_target) > MOST_ROWS:
            break
        kept += of_target
    return kept


def left_out(rows: Rows, kept: Rows) -> str:
    """A sentence for the caption when `kept` has fewer targets than `rows`."""
    shown, all_targets = (len({row["target"] for row in some}) for some in (kept, rows))
    return "" if shown == all_targets else f" The first {shown} of {all_targets} targets; the tables have all."


def dodged(
    rows: Rows, models: Sequence[str], x: alt.X, value: str, ticks: list[tuple[str, str]]
) -> alt.LayerChart | alt.FacetChart:
    return alt.layer(*dodged_layers(rows, models, x, value, ticks)).properties(height=height(rows))


def dodged_layers(
    rows: Rows, models: Sequence[str], x: alt.X, value: str, ticks: list[tuple[str, str]]
) -> list[alt.Chart]:
    """Points with intervals, a row of its own for each model within its target's band."""
    shown = [model for model in models if any(row["model"] == model for row in rows)]
    targets = list(dict.fromkeys(row["target"] for row in rows))
    y = alt.Y("target:N", title=None, sort=targets, axis=alt.Axis(grid=False))
    offset = alt.YOffset("model:N", sort=shown, scale=alt.Scale(paddingOuter=0.6))
    base = alt.Chart(inline(rows)).encode(y=y, yOffset=offset, color=colour(models, rows))
    tooltips = [alt.Tooltip(f"{field}:N") for field in ("target", "model")]
    numbers = [value, f"{value}_low", f"{value}_high", *(name for _, name in ticks)]
    tooltips += [alt.Tooltip(f"{name}:Q", title=name.replace("_", " "), format=".4~g") for name in numbers]
    drawn = [base.mark_rule(strokeWidth=2, opacity=0.6).encode(x=alt.X(f"{value}_low:Q"), x2=f"{value}_high:Q")]
    for field, _ in ticks:
        drawn.append(base.mark_tick(thickness=2, size=8, opacity=0.7).encode(x=alt.X(field)))
    points = base.mark_point(filled=True, size=55, opacity=1)
    drawn.append(points.encode(x=x, shape=point_shape(models, rows), tooltip=tooltips))
    return drawn


def height(rows: Rows) -> int:
    """Enough for a line of each model in each target's band."""
    targets = len({row["target"] for row in rows})
    models = len({row["model"] for row in rows})
    return max(60, targets * (models + 1) * ROW_HEIGHT)


def value_axis(rows: Rows, *fields: str, from_zero: bool = True) -> dict[str, Any]:
    """Scale and axis: logarithmic where the values span more than a factor of five, otherwise linear."""
    values = [row[field] for row in rows for field in fields if row.get(field)]
    if values and min(values) > 0 and max(values) / min(values) > 5:
        return log_axis(rows, fields)
    return {"scale": alt.Scale(zero=from_zero, padding=0 if from_zero else 16), "axis": linear_ticks()}


def log_axis(rows: Rows, fields: Sequence[str]) -> dict[str, Any]:
    """A logarithmic scale just around the values, with grid lines at 1, 2, 5, 10, 20… (or at powers of ten)."""
    values = [row[field] for row in rows for field in fields if row.get(field)]
    low, high = min(values) / 1.25, max(values) * 1.25
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if len(decades) <= 4 else (1,)
    ticks = [
        round(step * 10.0**decade, 12) for decade in decades for step in steps if low <= step * 10.0**decade <= high
    ]
    axis = alt.Axis(values=ticks, format=_PLAIN, labelOverlap="greedy")
    return {"scale": alt.Scale(type="log", domain=[low, high], nice=False), "axis": axis}


def in_sentence(title: str) -> str:
    """A title within a sentence; abbreviations keep their capitals."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def linear_ticks() -> alt.Axis:
    return alt.Axis(tickCount=6, format=_PLAIN, labelOverlap="greedy")


_PLAIN = ",~f"


def with_ends(name: str, value: Estimate, unit: Scale) -> dict[str, float | None]:
    """A value and its interval as three fields; without an interval its ends lie on the value, so nothing is drawn."""
    low = value.value if value.low is None else value.low
    high = value.value if value.high is None else value.high
    return {name: value.value * unit.factor, f"{name}_low": low * unit.factor, f"{name}_high": high * unit.factor}


def colour(models: Sequence[str], rows: Rows) -> alt.Color:
    """Each model's own colour, the same in all figures; the legend names the models that this figure shows."""
    return alt.Color("model:N", scale=alt.Scale(domain=_present(models, rows), range=_of(models, rows)), legend=_LEGEND)


def point_shape(models: Sequence[str], rows: Rows) -> alt.Shape:
    shapes_by_model = dict(zip(models, style.marks(models), strict=True))
    shown = _present(models, rows)
    return alt.Shape(
        "model:N",
        scale=alt.Scale(domain=shown, range=[shapes_by_model[m] for m in shown]),
        legend=_LEGEND,
    )


_LEGEND = alt.Legend(title=None)
LINES_LEGEND = alt.Legend(title=None, symbolType="stroke", orient="bottom", columns=2)


def _present(models: Sequence[str], rows: Rows) -> list[str]:
    found = {row["model"] for row in rows}
    return [model for model in models if model in found]


def _of(models: Sequence[str], rows: Rows) -> list[str]:
    palette = dict(zip(*style.colours(models), strict=True))
    return [palette[model] for model in _present(models, rows)]


def inline(rows: Rows) -> alt.InlineData:
    return alt.InlineData(values=rows)


def complete(
    key: str, title: str, caption: str, rows: Rows, chart: alt.Chart | alt.LayerChart | alt.FacetChart
) -> Figure:
    spec = {**chart.properties(width="container").to_dict(), "config": style.config()}
    names = ", ".join(dict.fromkeys(str(row["model"]) for row in rows if "model" in row))
    described = f"{title}. {caption} {len(rows)} values{f' of {names}' if names else ''}."
    return Figure(key, title, caption, described, spec)
