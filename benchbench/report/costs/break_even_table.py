"""From how many requests on the model that is dearer to train is cheaper in all: one row for two systems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from benchbench.errors import Missing
from benchbench.report.costs.break_even import (
    Always,
    Cost,
    Never,
    NotToldApart,
    Outcome,
    PaysFrom,
    PaysUntil,
    difference,
)
from benchbench.report.costs.pairs import Pair
from benchbench.report.costs.requests import requests_in_words
from benchbench.report.tables.table import Column, Entry, FilledColumn, Table, numbers, table, words
from benchbench.report.view import Estimate


def break_even_table(pairs: Sequence[Pair]) -> Table:
    """The pairs of which one is cheaper for few requests and the other for many; a note counts the others."""
    shown = [pair for pair in pairs if pair.crosses]
    columns: list[FilledColumn] = [
        words("Task", [pair.cheap.task for pair in shown]),
        words("Cheaper to train", [pair.cheap.who for pair in shown]),
        words("Dearer to train", [pair.dear.who for pair in shown]),
        words("Target", [_targets(pair) for pair in shown]),
        numbers("score", [pair.cheap.score for pair in shown], "Score of the cheaper"),
        numbers("score", [pair.dear.score for pair in shown], "Score of the dearer"),
        numbers("train_energy", _differences(shown, _more_training), "More to train"),
        numbers("energy_per_example", _differences(shown, _saved), "Less for a request"),
        _outcomes("Pays off: energy", [pair.energy for pair in shown]),
        _outcomes("Pays off: carbon", [pair.carbon for pair in shown]),
        _outcomes("Pays off: time and money", [pair.time for pair in shown]),
    ]
    return table("break-even", "Break-even", columns, _notes(pairs, shown))


def _targets(pair: Pair) -> str:
    cheap, dear = pair.cheap.where, pair.dear.where
    return cheap if cheap == dear else f"{cheap}, {dear}"


def _differences(shown: Sequence[Pair], of: Callable[[Cost, Cost], Estimate | None]) -> list[Estimate | None]:
    found = []
    for pair in shown:
        dear, cheap = pair.dear.costs.energy, pair.cheap.costs.energy
        found.append(of(dear, cheap) if isinstance(dear, Cost) and isinstance(cheap, Cost) else None)
    return found


def _more_training(dear: Cost, cheap: Cost) -> Estimate:
    return Estimate(dear.fixed - cheap.fixed, basis=dear.each.basis)


def _saved(dear: Cost, cheap: Cost) -> Estimate:
    return difference(cheap.each, dear.each)


def _outcomes(title: str, outcomes: Sequence[Outcome | Missing]) -> FilledColumn:
    return Column(title, "requests", numeric=True), [outcome_entry(outcome) for outcome in outcomes]


def outcome_entry(outcome: Outcome | Missing) -> Entry:
    """From how many requests on the dearer to train is cheaper in all, in words."""
    match outcome:
        case PaysFrom(requests, low, high):
            text, interval = requests_in_words(requests, low, high)
            return Entry(f"from {text}", interval, sort=requests)
        case PaysUntil(requests, low, high):
            text, interval = requests_in_words(requests, low, high)
            return Entry(f"up to {text}", interval, sort=-requests)
        case Always():
            return Entry("always")
        case Never():
            return Entry("never")
        case NotToldApart():
            return Entry("not told apart")
        case Missing(reason):
            return Entry(reason)


def _notes(pairs: Sequence[Pair], shown: Sequence[Pair]) -> list[str]:
    notes = [
        "How many requests it takes until the model that is dearer to train has cost less in all; time is money at any "
        "price of the machine's hour.",
        "Two models on each target that both were deployed to, and each on the one where its requests take least "
        "energy; only where the dearer scores no lower, or each score lies in the other's interval.",
        "Training: the mean over seeds, taken as it is; an interval is that of the costs of a request.",
    ]
    if any(isinstance(p.energy, PaysFrom | PaysUntil) and p.energy.low is None for p in shown):
        notes.append("Energy of a request without an interval: whether it tells two models apart is not known.")
    timed = dict.fromkeys(s.costs.timed for pair in shown for s in (pair.cheap, pair.dear) if s.costs.timed)
    if timed:
        notes.append(f"Time of a request: the median of one at a time, {' or '.join(timed)}.")
    if others := Counter(_whole_answer(pair) for pair in pairs if not pair.crosses):
        said = ", ".join(f"{count} {answer}" for answer, count in others.items())
        notes.append(f"Without a break-even, whether the dearer to train is cheaper in all: {said}.")
    return notes


def _whole_answer(pair: Pair) -> str:
    return outcome_entry(pair.time if isinstance(pair.energy, Missing) else pair.energy).text
