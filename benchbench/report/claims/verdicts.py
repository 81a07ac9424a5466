"""How verdicts are shown: one row a claim, and every piece of evidence below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchbench.quantities import QUANTITIES
from benchbench.records import Record
from benchbench.report.claims.claims import Claim
from benchbench.report.claims.judging import Counts, Evidence, Measured, Verdict, VerdictKind, evaluate
from benchbench.report.claims.published import facts as published_facts
from benchbench.report.tables.table import ABSENT, Column, Entry, Table, quantity_entry, table, words
from benchbench.report.view import Estimate
from benchbench.rounding import Scale, decimals, number

MARKS = {
    VerdictKind.SUPPORTED: "✓",
    VerdictKind.NOT_SUPPORTED: "✗",
    VerdictKind.MIXED: "◐",
    VerdictKind.UNDECIDED: "?",
    VerdictKind.NOT_MEASURABLE: "○",
}


def verdicts(claims: Sequence[Claim], found: Measured) -> tuple[Verdict, ...]:
    """The verdict on each claim, in the claims' order."""
    return tuple(evaluate(claim, found) for claim in claims)


def overview(reached: Sequence[Verdict]) -> Table:
    """Claim, verdict, the evidence in short, and what was published."""
    columns = [
        words("Claim", [verdict.claim.statement for verdict in reached]),
        words("Verdict", [f"{MARKS[verdict.kind]} {verdict.kind}" for verdict in reached]),
        words("Evidence", [in_short(verdict) for verdict in reached]),
        words("Published", [_published(verdict.claim) for verdict in reached]),
    ]
    notes = (
        "Supported: the whole 95 % interval lies on the claimed side in every place measured; not supported: in none.",
        "'No worse' and 'keeps' are tests of non-inferiority on the same examples, one-sided at 95 %; undecided: more "
        "examples or seeds are needed.",
        "99 of 100 cases are a share, tested with one-sided binomial bounds at 95 %; undecided: it takes more queries.",
        "Shown only, deciding nothing: a stand-in (a small pair of the same build), scores of models that began with "
        "random weights and scores on synthetic data, where the claim is about real data.",
    )
    return table("verdicts", "Claims and verdicts", columns, notes)


def evidence(reached: Sequence[Verdict]) -> Table:
    """Every single piece of evidence: a row each."""
    rows = [(verdict.claim, item, "") for verdict in reached for item in verdict.evidence]
    rows += [(verdict.claim, item, "shown only") for verdict in reached for item in verdict.shown]
    columns = [
        words("Claim", [claim.id for claim, _, _ in rows]),
        words("Where", [", ".join(part for part in (item.place, kind) if part) for _, item, kind in rows]),
        words("Compared", [_compared(claim) for claim, _, _ in rows]),
        (Column("Value", numeric=True), [_entry(item.estimate) for _, item, _ in rows]),
        (Column("Threshold", numeric=True), [Entry(f"{claim.bound:g}") for claim, _, _ in rows]),
        words("Holds", [_holds(item) for _, item, _ in rows]),
    ]
    return table("evidence", "Evidence for the verdicts", columns)


def _entry(value: Estimate | None) -> Entry:
    return quantity_entry(value, Scale(1, "")) if value else Entry(ABSENT)


def _holds(item: Evidence) -> str:
    said = {"supported": "yes", "not supported": "no"}.get(item.decision, item.decision)
    return f"{said}, {item.needs}" if item.needs else said


def in_short(verdict: Verdict) -> str:
    """The evidence in one phrase: the value, or the range of values and in how many places the claim holds."""
    if verdict.evidence:
        shown = _phrase(verdict.claim, verdict.evidence)
    elif verdict.shown:
        shown = f"not measured; {verdict.shown_of}: {_phrase(verdict.claim, verdict.shown)}"
    else:
        return "not measured in this run"
    return f"{shown}. {verdict.claim.reading}".rstrip() if verdict.claim.reading else shown


def _phrase(claim: Claim, items: Sequence[Evidence]) -> str:
    what = _compared(claim)
    if len(items) == 1:
        only = items[0]
        place = only.place if claim.convolutions is None else ""
        detail = f" ({only.place})" if claim.convolutions and only.place else ""
        value = value_words(only.estimate) if only.estimate else "not known"
        shown = f"{what} {value}{f' on {place}' if place else ''}{detail}"
        return f"{shown}; {only.needs}" if only.needs else shown
    counted = f"{sum(item.holds for item in items)} of {len(items)} places{_open(items)}"
    known = sorted(((item.estimate, item.place) for item in items if item.estimate), key=lambda pair: pair[0].value)
    if not known:
        return f"{what} not known; holds in {counted}"
    (low, lowest), (high, highest) = known[0], known[-1]
    ends = value_words(low, False), value_words(high, False)
    if ends[0] == ends[1]:
        return f"{what} {ends[0]} everywhere; holds in {counted}"
    span = f"{ends[0]} ({lowest}) to {ends[1]} ({highest})"
    return f"{what} {span}; holds in {counted}"


def _open(items: Sequence[Evidence]) -> str:
    """How many are undecided, and what would decide the first of them."""
    undecided = [item for item in items if item.decision == "undecided"]
    if not undecided:
        return ""
    needs = next((f" ({item.place} {item.needs})" for item in undecided if item.needs), "")
    return f", undecided in {len(undecided)}{needs}"


def _compared(claim: Claim) -> str:
    if claim.convolutions:
        return f"{claim.convolutions.replace('_', ' ')} convolutions"
    known = QUANTITIES[claim.quantity or ""]
    title = known.title.lower().replace("flops", "FLOPs")
    unit = f" ({known.unit})" if known.unit != "1" and not claim.of_two else ""
    if claim.comparison == "keeps":
        return f"{title} above {claim.threshold * 100:g} % of the {'one in fp32' if claim.precision else 'baseline'}"
    if claim.comparison.startswith("ratio"):
        return f"{title}, ratio"
    return f"{title}, difference" if claim.of_two else f"{title}{unit}"


def value_words(value: Estimate, interval: bool = True) -> str:
    """A value and its interval as text."""
    digits = decimals(value.value, value.low, value.high)
    if value.low is None or value.high is None or not interval:
        return number(value.value, digits)
    return f"{number(value.value, digits)} ({number(value.low, digits)} to {number(value.high, digits)})"


def _published(claim: Claim) -> str:
    """What was published about the same quantity of the same pair."""
    if claim.quantity is None:
        return ""
    values = {
        (fact.model, fact.baseline, fact.quantity): fact
        for fact in reversed(published_facts())
        if not fact.task and fact.quantity == claim.quantity
    }
    own = values.get((claim.candidate, claim.baseline or "", claim.quantity))
    if own:
        return f"{own.value:g}× ({own.setting})" if own.quantity == "speedup" else f"{own.value:g}"
    mine, other = (values.get((name or "", "", claim.quantity)) for name in (claim.candidate, claim.baseline))
    return f"ratio {mine.value / other.value:.3g}" if mine and other and claim.comparison.startswith("ratio") else ""


def convolutions_of(records: Iterable[Record]) -> Counts:
    """The convolutions of every model that a record has counted."""
    return {model: kinds for record in records for model, kinds in record.findings.facts.convolutions.items()}
