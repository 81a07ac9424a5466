"""Quality against what it costs: scores and costs of a run, and the score in the course of training."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from benchbench.quantities import QUANTITIES
from benchbench.records import Record
from benchbench.report.figures import style
from benchbench.report.figures.charts import (
    Figure,
    Rows,
    colour,
    complete,
    in_sentence,
    inline,
    linear_ticks,
    point_shape,
    value_axis,
    with_ends,
)
from benchbench.report.view import (
    ORIGIN_TITLES,
    REAL,
    SYNTHETIC,
    Estimate,
    all_models,
    estimates,
    mean,
    system_scores,
)
from benchbench.report.warnings import counted
from benchbench.rounding import Scale, scale


def pareto(deployed: pd.DataFrame, origin: str, models: Sequence[str]) -> tuple[Figure, ...]:
    """Quality against latency, energy and memory: a figure for each cost, one point a system, all of it its own.

    `deployed`: see `view.systems`. `models`: all that have a colour.
    """
    tasks, score = system_scores(deployed, origin)
    rows = deployed[(deployed["origin"] == origin) & deployed["task"].isin(tasks)]
    drawn = []
    from_text = deployed["quantity"].eq("text_latency_p50").any()
    for quantity in ("text_latency_p50" if from_text else "latency_p50", "energy_per_example", "peak_memory"):
        each: dict[tuple[str, str], list[Estimate]] = {}
        for (who, where, *_), cost in estimates(rows, quantity, ("who", "where", "task", "lengths")).items():
            each.setdefault((str(who), str(where)), []).append(cost)
        points = [
            (*system, mean(costs), score[system])
            for system, costs in each.items()
            if system in score and len(costs) == len(tasks)
        ]
        if points:
            drawn.append(_pareto(quantity, points, origin, tasks, models))
    return tuple(drawn)


def _pareto(
    quantity: str,
    points: Sequence[tuple[str, str, Estimate, Estimate]],
    origin: str,
    tasks: Sequence[str],
    models: Sequence[str],
) -> Figure:
    known = QUANTITIES[quantity]
    unit = scale(quantity, [cost.value for _, _, cost, _ in points])
    rows: Rows = [
        {
            "model": who,
            "target": where,
            **with_ends("cost", cost, unit),
            **with_ends("score", score, Scale(1, "")),
        }
        for who, where, cost, score in points
    ]
    mark_front(rows)
    kind = "synthetic task" if origin == SYNTHETIC else "task"
    y = alt.Y("score:Q", title=f"Mean score, {counted(len(tasks), kind)}", scale=alt.Scale(zero=False, padding=12))
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
    caption = (
        f"Mean score over {', '.join(tasks)} ({ORIGIN_TITLES[origin]}) "
        f"against {in_sentence(known.title)} of the same system on their texts. "
        "Dashed: no other point is both better and cheaper."
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


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A score in the course of training, with the emissions until then in gCO2eq."""

    model: str
    task: str
    origin: str
    seed: int
    emissions_g: float
    score: float


def learning(records: Sequence[Record], view: pd.DataFrame) -> tuple[Figure, ...]:
    """Score against the emissions of training so far, one figure a task."""
    points, models = list(_points(records, view)), all_models(view)
    drawn: list[Figure] = []
    for task in dict.fromkeys(point.task for point in points):
        of_task = [point for point in points if point.task == task]
        unit = scale("train_emissions", [point.emissions_g for point in of_task])
        rows: Rows = [
            {"model": p.model, "seed": p.seed, "emissions": p.emissions_g * unit.factor, "score": p.score}
            for p in of_task
        ]
        base = alt.Chart(inline(rows)).encode(
            x=alt.X("emissions:Q", title=f"Emissions of training so far ({unit.unit})", axis=linear_ticks()),
            y=alt.Y("score:Q", title="Score", scale=alt.Scale(zero=False, padding=10), axis=alt.Axis(format=".3~g")),
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
        data = ORIGIN_TITLES[of_task[0].origin]
        caption = f"Evaluation score on {task} ({data}) while training; the cost of evaluating is not counted."
        drawn.append(complete(f"learning-{len(drawn) + 1}", f"Learning {task}", caption, rows, chart))
    return tuple(drawn[:12])


def _points(records: Sequence[Record], view: pd.DataFrame) -> Iterator[CurvePoint]:
    """The learning curves of `records`: emissions grow with training time, as the power model has it."""
    costs = view[view["quantity"] == "train_emissions"]
    names = dict(zip(costs["cell"], costs["who"], strict=True))
    for record in records:
        totals = {m.quantity: m for m in record.findings.measurements}
        training, emissions, time = record.findings.facts.training, *map(totals.get, ("train_emissions", "train_time"))
        if training is None or emissions is None or time is None or not time.value:
            continue
        for point in training.learning_curve:
            yield CurvePoint(
                model=names[record.cell],
                task=emissions.subject.task or "",
                origin=SYNTHETIC if emissions.subject.data == SYNTHETIC else REAL,
                seed=emissions.subject.seed or 0,
                emissions_g=point.seconds * emissions.value / time.value,
                score=point.score,
            )
