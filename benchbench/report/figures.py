"""Which figures a report has: each a function from the labelled measurements to a Vega-Lite chart, or None.

A figure that would show nothing is None: the page leaves it out. Values are in the units of their axis titles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from benchbench.measurement import QUANTITIES
from benchbench.report import style
from benchbench.report.charts import (
    LINES_LEGEND,
    Figure,
    Rows,
    colour,
    complete,
    dodged,
    dodged_layers,
    height,
    in_sentence,
    inline,
    left_out,
    linear_ticks,
    log_axis,
    point_shape,
    readable,
    value_axis,
    with_ends,
)
from benchbench.report.rounding import Scale, scale
from benchbench.report.view import (
    SYNTHETIC,
    Estimate,
    Shape,
    against_largest,
    all_models,
    at,
    estimates,
    ordered,
    overall,
    shapes,
)


def pareto(view: pd.DataFrame, origin: str) -> tuple[Figure, ...]:
    """Quality against latency, energy, memory and FLOPs: a figure for each cost, one point a model and target."""
    tasks, score = overall(view, origin)
    shape = next(iter(shapes(view)), None)
    if not score or shape is None:
        return ()
    rows = at(view, shape)
    drawn = []
    for quantity in ("latency_p50", "energy_per_example", "peak_memory", "flops"):
        costs = estimates(rows, quantity, ("who", "where"))
        points = [(who, where, cost, score[str(who)]) for (who, where), cost in costs.items() if who in score]
        if quantity == "flops":
            points = list({point[0]: point for point in points}.values())
        if points:
            drawn.append(_pareto(quantity, points, origin, tasks, shape, all_models(view)))
    return tuple(drawn)


def _pareto(
    quantity: str,
    points: Sequence[tuple[Any, Any, Estimate, Estimate]],
    origin: str,
    tasks: Sequence[str],
    shape: Shape,
    models: Sequence[str],
) -> Figure:
    known = QUANTITIES[quantity]
    unit = scale(quantity, known.unit, [cost.value for _, _, cost, _ in points])
    rows: Rows = [
        {
            "model": who,
            "target": where or "any",
            **with_ends("cost", cost, unit),
            **with_ends("score", score, Scale(1, "")),
        }
        for who, where, cost, score in points
    ]
    mark_front(rows)
    kind = "synthetic tasks" if origin == SYNTHETIC else "tasks"
    y = alt.Y("score:Q", title=f"Mean score, {len(tasks)} {kind}", scale=alt.Scale(zero=False, padding=12))
    x = alt.X(
        "cost:Q", title=f"{known.title} ({unit.unit}), lower is better", **value_axis(rows, "cost", from_zero=False)
    )
    base = alt.Chart(inline(rows))
    front = base.transform_filter("datum.front").mark_line(
        interpolate="step-after", strokeDash=[4, 3], color=style.RULE, strokeWidth=1.5
    )
    layers = [
        front.encode(x=x, y=y, order="cost:Q"),
        base.mark_rule(opacity=0.5).encode(x=x, y=alt.Y("score_low:Q"), y2="score_high:Q", color=colour(models, rows)),
        base.mark_rule(opacity=0.5).encode(x=alt.X("cost_low:Q"), x2="cost_high:Q", y=y, color=colour(models, rows)),
        base.mark_point(filled=True, size=90, opacity=0.9).encode(
            x=x,
            y=y,
            color=colour(models, rows),
            shape=point_shape(models, rows),
            tooltip=[
                alt.Tooltip("model:N"),
                alt.Tooltip("target:N"),
                alt.Tooltip("cost:Q", title=f"{known.title} ({unit.unit})", format=".4~g"),
                alt.Tooltip("score:Q", format=".3f"),
            ],
        ),
    ]
    label = "" if origin == SYNTHETIC else "real data"
    caption = (
        f"Mean score over {', '.join(tasks)} ({'synthetic data' if origin == SYNTHETIC else label}) "
        f"against {in_sentence(known.title)} at {shape}. Dashed: no other point is both better and cheaper."
    )
    return complete(
        f"pareto-{origin}-{quantity.replace('_', '-')}",
        f"Quality and {in_sentence(known.title)}",
        caption,
        rows,
        alt.layer(*layers).properties(height=260),
    )


def mark_front(rows: Rows) -> None:
    """Set `front` on each row: whether no other row has both a lower cost and at least the same score."""
    best = float("-inf")
    for row in sorted(rows, key=lambda row: (row["cost"], -row["score"])):
        row["front"] = row["score"] > best
        best = max(best, row["score"])


def latency(view: pd.DataFrame) -> Figure | None:
    """Median latency with its interval, and the 99th percentile, for each target and model."""
    shape = next(iter(shapes(view)), None)
    if shape is None:
        return None
    rows_at = at(view, shape)
    tails = estimates(rows_at, "latency_p99", ("where", "who"))
    medians = estimates(rows_at, "latency_p50", ("where", "who"))
    unit = scale("latency_p50", "ms", [value.value for value in medians.values()])
    rows: Rows = [
        {
            "target": where,
            "model": who,
            **with_ends("median", value, unit),
            "p99": tails[where, who].value * unit.factor if (where, who) in tails else None,
        }
        for (where, who), value in medians.items()
    ]
    kept = readable(rows)
    models = all_models(view)
    x = alt.X("median:Q", title=f"Latency ({unit.unit})", **value_axis(kept, "median", "p99"))
    chart = dodged(kept, models, x, "median", [("p99:Q", "p99")])
    caption = f"Median (point, with its 95 % interval) and 99th percentile (tick) at {shape}. Left is better."
    caption += left_out(rows, kept)
    return complete("latency", "Latency on each target", caption, kept, chart)


def speedup(view: pd.DataFrame, published: Sequence[tuple[str, float]] = ()) -> Figure | None:
    """Paired speedup over the baseline for each target. `published`: labelled values to mark beside it."""
    shape = next(iter(shapes(view)), None)
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
    shape = next(iter(shapes(view)), None)
    rows_at = view if shape is None else at(view, shape)
    peaks = estimates(rows_at, "peak_memory", ("where", "who"))
    if not peaks:
        return None
    weights = estimates(rows_at, "weights_memory", ("where", "who"))
    unit = scale("peak_memory", "B", [value.value for value in peaks.values()])
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


def layers(view: pd.DataFrame) -> Figure | None:
    """Where FLOPs and time go, by type of layer."""
    flops = estimates(view, "flops_share", ("who", "part"), part=None)
    times = estimates(view, "latency_share", ("who", "where", "part"), part=None)
    rows: Rows = [
        {"bar": f"{who}: FLOPs", "layer": part, "share": value.value * 100} for (who, part), value in flops.items()
    ]
    rows += [
        {"bar": f"{who}: time{f' on {where}' if where else ''}", "layer": part, "share": value.value * 100}
        for (who, where, part), value in times.items()
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
    shape = next(iter(shapes(view)), None)
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
    headline = next(iter(shapes(view)), None)
    if headline is None or rows_p50[axis].nunique() < 2:
        return None
    where = rows_p50.groupby("where", sort=False)[axis].nunique().idxmax()
    rows_p50 = rows_p50[rows_p50["where"] == where]
    usual = headline.sequence_length if other == "sequence_length" else headline.batch_size
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


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """A score in the course of training, with the emissions until then in gCO2eq."""

    model: str
    task: str
    origin: str
    seed: int
    emissions_g: float
    score: float


def learning(points: Sequence[LearningPoint], models: Sequence[str]) -> tuple[Figure, ...]:
    """Score against the emissions of training so far, one figure a task."""
    drawn: list[Figure] = []
    for task in dict.fromkeys(point.task for point in points):
        of_task = [point for point in points if point.task == task]
        unit = scale("train_emissions", "gCO2eq", [point.emissions_g for point in of_task])
        rows: Rows = [
            {"model": p.model, "seed": p.seed, "emissions": p.emissions_g * unit.factor, "score": p.score}
            for p in of_task
        ]
        base = alt.Chart(inline(rows)).encode(
            x=alt.X("emissions:Q", title=f"Emissions of training so far ({unit.unit})", axis=linear_ticks()),
            y=alt.Y("score:Q", title="Score", scale=alt.Scale(zero=False, padding=10)),
            color=colour(models, rows),
        )
        chart = alt.layer(
            base.mark_line(strokeWidth=1.5).encode(detail="seed:N"),
            base.mark_point(filled=True, size=60).encode(
                shape=point_shape(models, rows),
                tooltip=[
                    "model:N",
                    "seed:N",
                    alt.Tooltip("emissions:Q", format=".3~g"),
                    alt.Tooltip("score:Q", format=".3f"),
                ],
            ),
        ).properties(height=220)
        kind = "synthetic data" if of_task[0].origin == SYNTHETIC else "real data"
        caption = f"Evaluation score on {task} ({kind}) while training; the cost of evaluating is not counted."
        drawn.append(complete(f"learning-{len(drawn) + 1}", f"Learning {task}", caption, rows, chart))
    return tuple(drawn[:12])
