"""How a choice is shown: the options as a table, and the answer in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchbench.records import BUT_HAS
from benchbench.report.choice.candidates import Candidate
from benchbench.report.choice.pick import NOT_SCORED, Choice, Rejection
from benchbench.report.tables.table import ABSENT, Column, Entry, FilledColumn, Table, words
from benchbench.rounding import decimals, number

MOST_SHOWN = 50
_MOST_NAMED = 5


def options(choice: Choice, most: int | None = None) -> Table:
    """The options that meet the demands: systems with scores first, then the one with the least energy; at most `most`.

    Each row carries what the page's script decides by.
    """
    shown = choice.fitting[:most]
    columns: list[FilledColumn] = [
        words("Model", [c.model for c in shown]),
        words("Target", [c.target for c in shown]),
        _plain("Quality", "", [c.quality for c in shown], 3, [NOT_SCORED] * len(shown)),
        words("Timed with", [c.requests for c in shown]),
        _plain("p90", "ms", [c.p90_ms for c in shown], absent=[c.no_p90 or ABSENT for c in shown]),
        _plain("p99", "ms", [c.p99_ms for c in shown], absent=[c.no_p99 or ABSENT for c in shown]),
        _plain("Peak memory", "MB", [None if c.memory_bytes is None else c.memory_bytes / 1e6 for c in shown]),
        _plain("Per million requests", "kWh", [c.kwh_per_million for c in shown]),
        _plain("Per million requests", "kgCO2eq", [c.kg_co2eq_per_million for c in shown]),
    ]
    rows = tuple(zip(*(entries for _, entries in columns), strict=True))
    heads = tuple(column for column, _ in columns)
    return Table("options", "Options, least energy first", heads, rows, notes(choice), tuple(map(_row_data, shown)))


def _row_data(candidate: Candidate) -> Mapping[str, str | float]:
    """What was not measured is left out."""
    values = {
        "quality": candidate.quality,
        "p90": candidate.p90_ms,
        "p99": candidate.p99_ms,
        "memory": candidate.memory_bytes,
    }
    known = {name: value for name, value in values.items() if value is not None}
    return {"model": candidate.model, "target": candidate.target, "answer": answer(candidate), **known}


def notes(choice: Choice) -> tuple[str, ...]:
    """What the numbers of a choice mean."""
    found = ["One request at a time. Quality, latency, memory and energy of a row are of the same system."]
    if choice.origin:
        found.append(f"Quality: mean score on {choice.origin} data ({', '.join(choice.tasks)}), 0 to 1.")
    if choice.best_fp32 is not None:
        found.append(f"Best score of a model in fp32 PyTorch there: {choice.best_fp32:.3f}.")
    if any(candidate.quality is None for candidate in choice.fitting):
        found.append(f"'{NOT_SCORED}': timed with other weights; not offered where a quality is demanded.")
    if lacking := [rejection for rejection in choice.rejected if _too_few_queries(rejection)]:
        found.append(f"Not offered, for too few queries tell how slow the slowest are: {_named(lacking)}.")
    if any(candidate.energy_basis == "modelled" for candidate in choice.fitting):
        found.append("Energy and carbon are modelled, not metered.")
    return tuple(found)


def _too_few_queries(rejection: Rejection) -> bool:
    return any(BUT_HAS in reason for reason in rejection.reasons)


def _named(lacking: Sequence[Rejection]) -> str:
    """The first few, each with its reasons."""
    named = [f"{r.candidate.model} on {r.candidate.target} ({'; '.join(r.reasons)})" for r in lacking[:_MOST_NAMED]]
    return ", ".join(named) + (f" and {len(lacking) - _MOST_NAMED} more" if len(lacking) > _MOST_NAMED else "")


def answer(candidate: Candidate | None) -> str:
    """The choice in one sentence."""
    if candidate is None:
        return "Nothing that was measured meets these demands."
    costs = [
        f"{number(value, decimals(value))} {unit}"
        for value, unit in ((candidate.kwh_per_million, "kWh"), (candidate.kg_co2eq_per_million, "kgCO2eq"))
        if value is not None
    ]
    cost = f": {' and '.join(costs)} per million requests" if costs else ""
    return f"{candidate.model} on {candidate.target}{cost}."


def _plain(
    title: str, unit: str, values: Sequence[float | None], digits: int | None = None, absent: Sequence[str] = ()
) -> FilledColumn:
    entries = [
        Entry(why) if v is None else Entry(number(v, decimals(v) if digits is None else digits), sort=v)
        for v, why in zip(values, absent or [ABSENT] * len(values), strict=True)
    ]
    return Column(title, unit, numeric=True), entries
