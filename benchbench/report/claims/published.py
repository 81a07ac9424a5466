"""Figures that others published, as data, and how they compare with this run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pandas as pd
import yaml

from benchbench.quantities import QUANTITIES
from benchbench.quantities.metrics import GLUE_SCORE
from benchbench.report.tables.scores import glue_scores
from benchbench.report.tables.table import Column, Entry, Table, quantity_entry, table, words
from benchbench.report.view import REAL, Estimate, at, estimates, headline
from benchbench.rounding import Scale, decimals, number, scale


@dataclass(frozen=True, slots=True)
class Fact:
    """One published value, in the unit of its quantity.

    `why`: why a measurement may differ from it. `marked`: a line in the figure of speedups shows it.
    """

    model: str
    quantity: str
    value: float
    source: str
    url: str
    setting: str = ""
    baseline: str = ""
    task: str = ""
    why: str = ""
    marked: bool = False


@cache
def facts() -> tuple[Fact, ...]:
    """All published figures that come with the package."""
    content = yaml.safe_load((files("benchbench.report.claims") / "published.yaml").read_text(encoding="utf-8"))
    sources, settings = content["sources"], content["settings"]
    return tuple(
        Fact(
            **{
                **row,
                "value": float(row["value"]),
                "source": sources[row["source"]]["title"],
                "url": sources[row["source"]]["url"],
                "setting": settings.get(row.get("setting"), row.get("setting", "")),
            }
        )
        for row in content["facts"]
    )


def beside_measured(view: pd.DataFrame) -> Table:
    """Each published figure that this run measured too, with the difference and why there may be one."""
    pairs = [(fact, found) for fact in facts() if (found := measured(view, fact))]
    scales = {fact.quantity: _scale(fact.quantity, pairs) for fact, _ in pairs}
    columns = [
        words("Model", [fact.model for fact, _ in pairs]),
        words("Quantity", [_what(fact, scales[fact.quantity]) for fact, _ in pairs]),
        words("Published for", [fact.setting for fact, _ in pairs]),
        (Column("Published", numeric=True), [_published_entry(f, scales[f.quantity]) for f, _ in pairs]),
        (Column("Measured here", numeric=True), [_span(found, scales[fact.quantity]) for fact, found in pairs]),
        (Column("Difference", numeric=True), [_difference(fact, found) for fact, found in pairs]),
        words("Why they may differ", [_why(view, fact) for fact, _ in pairs]),
        (Column("Source"), [Entry(fact.source, link=fact.url) for fact, _ in pairs]),
    ]
    note = "Where several targets were measured, the range of their medians at batch 1 stands under 'Measured here'."
    return table("published", "Published beside measured", columns, [note])


def measured(view: pd.DataFrame, fact: Fact) -> list[Estimate]:
    """This run's values for what `fact` is about, on real data only: one for a count or a score, else one a target."""
    rows = view[view["model"] == fact.model]
    if fact.quantity == GLUE_SCORE.name:  # the papers leave WNLI out, as BERT's did
        score = glue_scores(rows, wnli=False).get(fact.model)
        return [score] if score else []
    if QUANTITIES[fact.quantity].score:
        rows = rows[(rows["origin"] == REAL) & (rows["task"] == fact.task)]
        return list(estimates(rows, fact.quantity, ("task",)).values())
    if fact.baseline:
        rows = rows[rows["baseline"] == fact.baseline]
    known = QUANTITIES[fact.quantity]
    if "shape" in known.depends_on:
        shape = headline(view)
        rows = rows.iloc[:0] if shape is None else at(rows, shape)
    by = ("where",) if known.depends_on_machine else ("model",)
    return list(estimates(rows, fact.quantity, by).values())


def speedup_marks(view: pd.DataFrame) -> list[tuple[str, float]]:
    """Published speedups that the figure of speedups marks, of models that this run measured, with a label each."""
    rows = view[view["quantity"] == "speedup"]
    present = set(zip(rows["model"], rows["baseline"], strict=True))
    return [
        (f"{fact.value:g}×, published for {fact.model} on a {fact.setting}", fact.value)
        for fact in facts()
        if fact.marked and (fact.model, fact.baseline) in present
    ]


def _scale(quantity: str, pairs: list[tuple[Fact, list[Estimate]]]) -> Scale:
    values = [value.value for fact, found in pairs if fact.quantity == quantity for value in found]
    return scale(quantity, values)


def _what(fact: Fact, unit: Scale) -> str:
    title = QUANTITIES[fact.quantity].title + (f" over {fact.baseline}" if fact.baseline else "")
    title = f"{fact.task}: {title}" if fact.task else title
    return f"{title} ({unit.unit})" if unit.unit else title


def _why(view: pd.DataFrame, fact: Fact) -> str:
    """Of a score, whether the weights here were random comes first."""
    rows = view[(view["model"] == fact.model) & (view["quantity"] == fact.quantity)]
    trained_from_scratch = QUANTITIES[fact.quantity].score and "random" in set(rows["weights"])
    return "; ".join(filter(None, ("random weights here" if trained_from_scratch else "", fact.why)))


def _published_entry(fact: Fact, unit: Scale) -> Entry:
    return Entry(f"{fact.value * unit.factor:,.6g}", sort=fact.value)


def _span(found: list[Estimate], unit: Scale) -> Entry:
    if len(found) == 1:
        return quantity_entry(found[0], unit)
    low, high = (pick(value.value for value in found) * unit.factor for pick in (min, max))
    ends = [number(value, decimals(value)) for value in (low, high)]
    text = " to ".join(dict.fromkeys(ends))
    return Entry(text, f"{len(found)} targets", sort=found[0].value)


def _difference(fact: Fact, found: list[Estimate]) -> Entry:
    """Scores: measured minus published. Everything else: measured relative to published."""
    if QUANTITIES[fact.quantity].score:
        texts = [f"{value.value - fact.value:+.3f}" for value in found]
    else:
        texts = [f"{(value.value / fact.value - 1) * 100:+.3g} %" for value in found]
    ends = [texts[0]] if len(texts) == 1 else [min(texts, key=_amount), max(texts, key=_amount)]
    return Entry(" to ".join(dict.fromkeys(ends)))


def _amount(text: str) -> float:
    return float(text.removesuffix(" %"))
