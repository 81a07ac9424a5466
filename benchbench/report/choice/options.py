"""How a choice is shown: the options as a table, and the answer in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchbench.errors import Missing
from benchbench.records import BUT_HAS
from benchbench.report.choice.candidates import Candidate
from benchbench.report.choice.pick import NO_TOTAL, NOT_SCORED, Choice, Rejection
from benchbench.report.costs.requests import requests_in_words
from benchbench.report.tables.table import ABSENT, Column, Entry, FilledColumn, Table, words
from benchbench.report.warnings import counted
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
        *(_per_million(shown) if choice.requests is None else _totals(choice, shown)),
    ]
    rows = tuple(zip(*(entries for _, entries in columns), strict=True))
    heads = tuple(column for column, _ in columns)
    first = "least energy first" if choice.requests is None else f"least {_decisive(choice)} in all first"
    return Table("options", f"Options, {first}", heads, rows, notes(choice), tuple(map(_row_data, shown)))


def _decisive(choice: Choice) -> str:
    return "energy" if choice.price_per_hour is None else "money"


def _per_million(shown: Sequence[Candidate]) -> list[FilledColumn]:
    return [
        _plain("Per million requests", "kWh", [c.kwh_per_million for c in shown]),
        _plain("Per million requests", "kgCO2eq", [c.kg_co2eq_per_million for c in shown]),
    ]


def _totals(choice: Choice, shown: Sequence[Candidate]) -> list[FilledColumn]:
    """What training and all requests take together; money where there is a price."""
    totals = [candidate.total for candidate in shown if candidate.total]
    energy, carbon = [total.energy_kwh for total in totals], [total.carbon_kg for total in totals]
    columns = [_known("In all", "kWh", energy), _known("In all", "kgCO2eq", carbon)]
    return columns if choice.price_per_hour is None else [*columns, _known("Money", "", [t.money for t in totals])]


def _known(title: str, unit: str, values: Sequence[float | Missing]) -> FilledColumn:
    reasons = [value.reason if isinstance(value, Missing) else ABSENT for value in values]
    return _plain(title, unit, [None if isinstance(value, Missing) else value for value in values], absent=reasons)


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
    if choice.requests is not None:
        found += _notes_on_totals(choice, choice.requests)
    if any(candidate.energy_basis == "modelled" for candidate in choice.fitting):
        found.append("Energy and carbon are modelled, not metered.")
    return tuple(found)


def _notes_on_totals(choice: Choice, requests: float) -> list[str]:
    tasks = " (the mean over the tasks)" if len(choice.tasks) > 1 else ""
    found = [f"In all: training{tasks} and {requests_in_words(requests)[0]} requests."]
    if choice.price_per_hour is not None:
        timed = dict.fromkeys(c.costs.timed for c in choice.fitting if c.costs.timed)
        found.append(f"Money: the machine's time at {choice.price_per_hour:g} an hour, {' or '.join(timed)}.")
    if unknown := [rejection for rejection in choice.rejected if NO_TOTAL in rejection.reasons]:
        found.append(f"Not offered, for what they cost in all was not measured: {counted(len(unknown), 'candidate')}.")
    return found


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
    values = [(candidate.kwh_per_million, "kWh"), (candidate.kg_co2eq_per_million, "kgCO2eq")]
    what = "per million requests"
    if candidate.total is not None:
        each = (candidate.total.energy_kwh, candidate.total.carbon_kg, candidate.total.money)
        known = [None if isinstance(value, Missing) else value for value in each]
        values, what = list(zip(known, ("kWh", "kgCO2eq", "in money"), strict=True)), "in all, training and requests"
    costs = [f"{number(value, decimals(value))} {unit}" for value, unit in values if value is not None]
    cost = f": {_and(costs)} {what}" if costs else ""
    return f"{candidate.model} on {candidate.target}{cost}."


def _and(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _plain(
    title: str, unit: str, values: Sequence[float | None], digits: int | None = None, absent: Sequence[str] = ()
) -> FilledColumn:
    entries = [
        Entry(why) if v is None else Entry(number(v, decimals(v) if digits is None else digits), sort=v)
        for v, why in zip(values, absent or [ABSENT] * len(values), strict=True)
    ]
    return Column(title, unit, numeric=True), entries
