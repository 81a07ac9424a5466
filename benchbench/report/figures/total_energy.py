"""What each model takes in all, training and requests together, over the number of requests."""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt

from benchbench.report.costs.break_even import CROSSING, Cost
from benchbench.report.costs.in_all import System
from benchbench.report.costs.pairs import Pair, frugal_systems, tasks
from benchbench.report.costs.requests import requests_in_words
from benchbench.report.figures import style
from benchbench.report.figures.charts import Figure, Rows, colour, complete, inline, log_axis, point_shape
from benchbench.report.view import ORIGIN_TITLES
from benchbench.rounding import Scale, scale

MOST_TASKS = 4
_POINTS_A_DECADE = 8
_AROUND = 30  # times fewer and more requests than at the outermost crossings


def total_energy(systems: Sequence[System], pairs: Sequence[Pair], models: Sequence[str]) -> tuple[Figure, ...]:
    """A figure for each task on which lines cross. `models`: all that have a colour."""
    drawn = (_of_task(frugal_systems(of_task), pairs, models) for of_task in tasks(systems))
    return tuple(figure for figure in drawn if figure)[:MOST_TASKS]


def _of_task(frugal: Sequence[System], pairs: Sequence[Pair], models: Sequence[str]) -> Figure | None:
    known = {system: cost for system in frugal if isinstance(cost := system.costs.energy, Cost)}
    crossings = {
        pair: pair.energy.requests
        for pair in pairs
        if pair.cheap in known and pair.dear in known and isinstance(pair.energy, CROSSING)
    }
    if not crossings:
        return None
    counts = _counts(min(crossings.values()) / _AROUND, max(crossings.values()) * _AROUND)
    unit = scale("train_energy", [cost.total(count) for cost in known.values() for count in counts])
    lines: Rows = [
        {
            "model": system.who,
            "target": system.where,
            "requests": count,
            "energy": cost.total(count) * unit.factor,
            "decade": place % _POINTS_A_DECADE == 0,
        }
        for system, cost in known.items()
        for place, count in enumerate(counts)
    ]
    marked: Rows = [
        {
            "requests": requests,
            "energy": known[pair.dear].total(requests) * unit.factor,
            "pays": f"{requests_in_words(requests)[0]} requests",
            "pair": f"{pair.dear.who} over {pair.cheap.who}",
        }
        for pair, requests in crossings.items()
    ]
    first = frugal[0]
    where = "; ".join(f"{system.who} on {system.where}" for system in known)
    caption = (
        f"Training and requests on {first.task} ({ORIGIN_TITLES[first.origin]}), each model on the target "
        f"where a request takes it least: {where}. "
        "Rings: from there on the model that is dearer to train, and scores no worse, has taken less in all."
    )
    return complete(
        f"total-energy-{first.task}-{first.origin}",
        f"Energy in all on {first.task}",
        caption,
        lines,
        _chart(lines, marked, unit, models),
    )


def _chart(lines: Rows, marked: Rows, unit: Scale, models: Sequence[str]) -> alt.LayerChart | alt.FacetChart:
    decades = alt.Axis(values=[row["requests"] for row in lines if row["decade"]], format="~s")
    x = alt.X("requests:Q", title="Requests", scale=alt.Scale(type="log", nice=False), axis=decades)
    y = alt.Y("energy:Q", title=f"Energy in all ({unit.unit})", **log_axis(lines, ("energy",)))
    base = alt.Chart(inline(lines)).encode(x=x, y=y, color=colour(models, lines))
    numbers = [alt.Tooltip("requests:Q", format=".3~s"), alt.Tooltip("energy:Q", format=".4~g")]
    rings = alt.Chart(inline(marked)).encode(x=x, y=y, tooltip=["pair:N", *numbers])
    return alt.layer(
        base.mark_line(strokeWidth=1.5),
        base.transform_filter("datum.decade")
        .mark_point(filled=True, size=60)
        .encode(shape=point_shape(models, lines), tooltip=["model:N", "target:N", *numbers]),
        rings.mark_point(size=140, color=style.INK, strokeWidth=1.5),
        rings.mark_text(align="left", baseline="top", dx=8, dy=6, color=style.INK).encode(text="pays:N"),
    ).properties(height=260)


def _counts(least: float, most: float) -> list[float]:
    """Evenly on a logarithmic axis, over whole decades."""
    low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
    return [10 ** (low + place / _POINTS_A_DECADE) for place in range((high - low) * _POINTS_A_DECADE + 1)]
