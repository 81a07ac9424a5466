"""Which model is faster than which, and where: the comparisons that sentences are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from benchbench.report.headlines.wording import Comparison, Place
from benchbench.report.view import Estimate, at, estimates, headline, ordered, whole


def comparisons(view: pd.DataFrame) -> tuple[Comparison, ...]:
    """Every paired speedup of `view`, those at the headline shape first, otherwise in the order of the suite."""
    shaped = view["batch_size"].notna() & view["sequence_length"].notna()
    rows = whole(view[view["quantity"].eq("speedup") & shaped])
    found = estimates(rows, "speedup", ("who", "baseline", "where", "batch_size", "sequence_length"))
    listed = [
        Comparison(str(who), str(baseline), _place(where, batch, length), ratio)
        for (who, baseline, where, batch, length), ratio in found.items()
    ]
    first = headline(view)
    return tuple(sorted(listed, key=lambda one: one.place.shape != first))


def subject_of(view: pd.DataFrame) -> str:
    """The model that a suite is about: the first that it names. Empty where nothing was timed."""
    timed = view[view["quantity"].isin(("speedup", "latency_p50")) & view["study"].eq("efficiency")]
    return next(iter(ordered(timed["who"])), "")


def baseline_of(subject: str, found: Sequence[Comparison], view: pd.DataFrame) -> str:
    """The largest model that the `subject` was paired with; the same model on another target where there is none."""
    partners = list(dict.fromkeys(one.baseline for one in found if one.model == subject))
    size = {str(who): value.value for (who,), value in estimates(view, "parameters", ("who",)).items()}
    return max(partners, key=lambda name: size.get(name, 0.0), default="")


def of_pair(model: str, baseline: str, found: Sequence[Comparison]) -> list[Comparison]:
    return [one for one in found if (one.model, one.baseline) == (model, baseline)]


def medians(view: pd.DataFrame, model: str) -> dict[Place, Estimate]:
    """The median latency of `model` (`who`) at the headline shape on each target, the lowest first."""
    first = headline(view)
    if first is None:
        return {}
    rows = at(view[view["study"].eq("efficiency") & view["who"].eq(model)], first)
    found = estimates(rows, "latency_p50", ("where",))
    listed = {Place(str(where), first.batch_size, first.sequence_length): value for (where,), value in found.items()}
    return dict(sorted(listed.items(), key=lambda item: item[1].value))


def ahead(others: Sequence[Comparison]) -> Iterator[tuple[Comparison, int, int]]:
    """Each model of `others` that is faster than their baseline somewhere: where it is farthest ahead, in how many
    places it is faster, of how many. The farthest ahead first.
    """
    leading = []
    for model in dict.fromkeys(one.model for one in others):
        places = [one for one in others if one.model == model]
        faster = [one for one in places if one.faster]
        if faster:
            leading.append((max(faster, key=_ratio), len(faster), len(places)))
    yield from sorted(leading, key=lambda item: -_ratio(item[0]))


def every_pair(found: Sequence[Comparison]) -> str:
    """The id of the table that has all of them: with one baseline a table of its own is not drawn."""
    return "table-speedup-pairs" if len({one.baseline for one in found}) > 1 else "table-speedup"


def _ratio(one: Comparison) -> float:
    return one.ratio.value


def _place(where: object, batch_size: object, sequence_length: object) -> Place:
    return Place(str(where), int(str(batch_size)), int(str(sequence_length)))
