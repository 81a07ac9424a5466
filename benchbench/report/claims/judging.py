"""The verdict on a claim, from what a run measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from enum import StrEnum

import pandas as pd

from benchbench.places import LOCAL, RANDOM
from benchbench.quantities import QUANTITIES, SCORES, Quantity
from benchbench.quantities.metrics import MEAN_SCORE
from benchbench.records import Subject
from benchbench.report.claims import shares
from benchbench.report.claims.claims import Claim, Pair
from benchbench.report.evaluations.evaluation import Evaluated, comparable
from benchbench.report.evaluations.retained import needed, retained
from benchbench.report.tails import PERCENTILES
from benchbench.report.view import REAL, SYNTHETIC, Estimate, Key, estimates, mean
from benchbench.scoring.noninferiority import Decision, Margin, NonInferiority, no_worse


class VerdictKind(StrEnum):
    SUPPORTED = "supported"
    NOT_SUPPORTED = "not supported"
    MIXED = "mixed across targets"
    UNDECIDED = "undecided"
    NOT_MEASURABLE = "not measurable here"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was compared, where, and whether it is on the claimed side of the threshold, whole interval included.

    `estimate`: None for a percentile that there are too few queries for.
    `needs`: what would decide where it is undecided, in words.
    """

    place: str
    estimate: Estimate | None
    decision: Decision
    needs: str = ""

    @property
    def holds(self) -> bool:
        return self.decision == "supported"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`shown`: evidence that never decides: of the stand-in pair, of other data than claimed, from random weights.

    `shown_of`: in words, what that is.
    """

    claim: Claim
    kind: VerdictKind
    evidence: tuple[Evidence, ...]
    shown: tuple[Evidence, ...] = ()
    shown_of: str = ""


Counts = Mapping[str, Mapping[str, int]]
"""How many convolutions of each kind a model has, by model (`records.Facts.convolutions`)."""


@dataclass(frozen=True)
class Measured:
    """What claims are judged by: the labelled measurements of models (see `view.labelled`) and of systems, the models'
    convolutions, what was answered to each example, as far as it is known, and what is `view.unmeasured`."""

    view: pd.DataFrame
    systems: pd.DataFrame | None = None
    convolutions: Counts = field(default_factory=dict)
    answers: Evaluated = field(default_factory=Evaluated)
    missing: pd.DataFrame | None = None


def evaluate(claim: Claim, found: Measured) -> Verdict:
    """The verdict on `claim`.

    Supported: on the claimed side, with the whole interval, wherever it was measured. Not supported: nowhere.
    Mixed: in some places. Undecided: in some places neither, so that more examples, seeds or queries are needed. Not
    measurable here: no evidence at all.
    """
    if evidence := _evidence(claim, claim, found, claim.data):
        return Verdict(claim, _kind({item.decision for item in evidence}), evidence)
    if claim.stand_in and (shown := _evidence(claim, claim.stand_in, found, None)):
        pair = claim.stand_in
        named = f"the stand-in {pair.candidate}" + (f" against {pair.baseline}" if pair.baseline else "")
        return Verdict(claim, VerdictKind.NOT_MEASURABLE, (), shown, named)
    shown = _evidence(claim, claim, found, None) if claim.data in (REAL, "local") else ()
    return Verdict(claim, VerdictKind.NOT_MEASURABLE, (), shown, "on other data or from random weights")


def _kind(decisions: Set[Decision]) -> VerdictKind:
    if {"supported", "not supported"} <= decisions:
        return VerdictKind.MIXED
    if "undecided" in decisions:
        return VerdictKind.UNDECIDED
    return VerdictKind.SUPPORTED if "supported" in decisions else VerdictKind.NOT_SUPPORTED


def _evidence(claim: Claim, pair: Pair, found: Measured, data: str | None) -> tuple[Evidence, ...]:
    if claim.precision:
        return _of_precision(claim, found, data)
    if claim.convolutions:
        counted = _of_convolutions(claim, pair, found.convolutions)
        return tuple(Evidence(place, value, _decision(claim, value)) for place, value in counted.items())
    if claim.quantity in PERCENTILES and not claim.of_two:
        return tuple(_of_percentile(claim, pair, found, data))
    measured = _of_quantity(claim, pair, found.view, data)
    evidence = {place: Evidence(place, value, _decision(claim, value)) for place, value in measured.items()}
    if not claim.non_inferiority:
        return tuple(evidence.values())
    paired = _of_answers(claim, pair, found, data)
    tasks = {task for task, _ in paired}
    return (*(item for _, item in paired), *(item for place, item in evidence.items() if place not in tasks))


def _of_percentile(claim: Claim, pair: Pair, found: Measured, data: str | None) -> Iterator[Evidence]:
    """Of the share of queries that take no longer: also where they are too few to tell the percentile."""
    for place, value in _of_quantity(claim, pair, found.view, data).items():
        yield Evidence(place, *shares.tested(claim, value))
    if found.missing is None:
        return
    by = _places(QUANTITIES[str(claim.quantity)])
    rows, missing = (
        table[_conditions(table, claim.where) & _of_data(table, data) & table["model"].eq(pair.candidate)]
        for table in (found.view, found.missing)
    )
    for key, (instead, tested) in shares.without(claim, rows, missing, by).items():
        yield Evidence(", ".join(part for part in (_place(by, key), instead) if part), *tested)


def _of_precision(claim: Claim, found: Measured, data: str | None) -> tuple[Evidence, ...]:
    """Each system of the precision: by how much it exceeds the share of the score in fp32 that it has to keep."""
    if found.systems is None:
        return ()
    rows = found.systems[_conditions(found.systems, claim.where) & _of_data(found.systems, data)]
    return tuple(
        _tested(f"{test.who} on {test.where}, {test.title}", test.test)
        for test in retained(rows, found.answers, claim.threshold)
        if test.precision == claim.precision
    )


def _of_answers(claim: Claim, pair: Pair, found: Measured, data: str | None) -> list[tuple[str, Evidence]]:
    """With its task: the two models on the same examples, in fp32 PyTorch, where both have answers to them."""
    rows = found.view[_conditions(found.view, claim.where) & _of_data(found.view, data)]
    cells = set(rows["cell"])
    in_pytorch = [e for e in found.answers.by_subject.values() if e.subject.target is None and cells >= e.runs.keys()]
    margin = Margin(1 - claim.threshold, relative=True) if claim.comparison == "keeps" else Margin(claim.threshold)
    evidence = []
    for there in (e for e in in_pytorch if e.subject.model == pair.candidate):
        asked = replace(there.subject, model=pair.baseline, weights=None)
        metric = there.metric if claim.quantity == MEAN_SCORE.name else str(claim.quantity)
        for before in (
            e for e in in_pytorch if replace(e.subject, weights=None) == asked and e.marking == there.marking
        ):
            if metric in there.marking.metrics and comparable(before, there):
                test = no_worse(there.marking, metric, before.answers, there.answers, margin)
                place = _task(there.subject)
                more = ", ".join(part for part in (place, there.subject.recipe) if part)
                evidence.append((place, _tested(more, test, 0.0 if margin.relative else -margin.by)))
    return evidence


def _tested(place: str, test: NonInferiority, bound: float = 0.0) -> Evidence:
    """The value is a difference; `bound`: what it must exceed."""
    value, low, high = (end + bound for end in (test.excess.value, test.excess.low, test.excess.high))
    return Evidence(place, Estimate(value, low, high, samples=test.examples), test.decision, needed(test))


def _task(subject: Subject) -> str:
    """As `view.labelled` names it."""
    split = subject.split or ""
    return f"{subject.task} ({split})" if split and not split.endswith("matched") else str(subject.task)


def _of_convolutions(claim: Claim, pair: Pair, convolutions: Counts) -> dict[str, Estimate]:
    """A count about the model, the same everywhere. The counts of the other kinds tell the rest."""
    known = convolutions.get(pair.candidate)
    if known is None or claim.convolutions is None:
        return {}
    rest = ", ".join(f"{kind.replace('_', ' ')}: {count}" for kind, count in known.items())
    return {rest: Estimate(float(known.get(claim.convolutions, 0)), basis="counted")}


def _of_quantity(claim: Claim, pair: Pair, view: pd.DataFrame, data: str | None) -> dict[str, Estimate]:
    quantity = claim.quantity or ""
    rows = view[_conditions(view, claim.where) & _of_data(view, data)]
    by = _places(QUANTITIES[quantity])
    candidate = _values(rows[rows["model"] == pair.candidate], quantity, by, pair.baseline)
    if not claim.of_two:
        return {_place(by, key): value for key, value in candidate.items()}
    baseline = _values(rows[rows["model"] == pair.baseline], quantity, by, None)
    if claim.comparison == "keeps":
        baseline = {key: scaled(value, claim.threshold) for key, value in baseline.items()}
    combine = ratio if claim.comparison.startswith("ratio") else difference
    return {_place(by, key): combine(value, baseline[key]) for key, value in candidate.items() if key in baseline}


def _places(quantity: Quantity) -> tuple[str, ...]:
    """The columns in which values of one model may differ, by what the quantity depends on."""
    if quantity.depends_on_machine or "task" in quantity.depends_on:
        return ("where", "batch_size", "sequence_length", "task")
    return ("batch_size", "sequence_length") if "shape" in quantity.depends_on else ()


def _values(rows: pd.DataFrame, quantity: str, by: Sequence[str], baseline: str | None) -> dict[Key, Estimate]:
    if quantity == MEAN_SCORE.name:
        metrics = [estimates(rows, name, by) for name in SCORES]
        keys = dict.fromkeys(key for metric in metrics for key in metric)
        return {key: mean([metric[key] for metric in metrics if key in metric]) for key in keys}
    if quantity == "speedup" and baseline:
        rows = rows[rows["baseline"] == baseline]
    return estimates(rows, quantity, by)


def _conditions(view: pd.DataFrame, where: Mapping[str, Sequence[str | int]]) -> pd.Series:
    kept = pd.Series(True, index=view.index)
    for column, values in where.items():
        kept &= view[column].isin(list(values)).fillna(False).astype(bool)
    return kept


def _of_data(view: pd.DataFrame, data: str | None) -> pd.Series:
    """Only rows of such data, and of models that began with something."""
    if data is None or data == SYNTHETIC:
        return view["origin"] == data if data else pd.Series(True, index=view.index)
    rows = view["data"].str.startswith(LOCAL) if data == "local" else view["origin"] == data
    return rows & (view["weights"] != str(RANDOM))


def ratio(value: Estimate, baseline: Estimate) -> Estimate:
    """value / baseline. The interval is the widest that the two intervals allow: wider than 95 %, never narrower."""
    if baseline.value == 0 or baseline.low == 0:
        return Estimate(float("inf"))
    low = None if value.low is None or baseline.high is None else value.low / baseline.high
    high = None if value.high is None or baseline.low is None else value.high / baseline.low
    return _combined(value, baseline, value.value / baseline.value, low, high)


def difference(value: Estimate, baseline: Estimate) -> Estimate:
    """value − baseline, with the widest interval that the two allow."""
    low = None if value.low is None or baseline.high is None else value.low - baseline.high
    high = None if value.high is None or baseline.low is None else value.high - baseline.low
    return _combined(value, baseline, value.value - baseline.value, low, high)


def scaled(value: Estimate, factor: float) -> Estimate:
    """value × factor, which is positive."""
    ends = (None if end is None else end * factor for end in (value.low, value.high))
    return replace(value, value=value.value * factor, low=next(ends), high=next(ends))


def _combined(a: Estimate, b: Estimate, value: float, low: float | None, high: float | None) -> Estimate:
    basis = a.basis if a.basis == b.basis else "mixed"
    return Estimate(value, low, high, basis, a.stable and b.stable, min(a.samples, b.samples))


def _decision(claim: Claim, value: Estimate) -> Decision:
    low, high = (value.value if end is None else end for end in (value.low, value.high))
    if claim.non_inferiority and low < claim.bound <= high:
        return "undecided"
    holds = high < claim.bound if claim.comparison.endswith("below") else low > claim.bound
    return "supported" if holds or (claim.non_inferiority and low == claim.bound) else "not supported"


def _place(by: Sequence[str], key: Key) -> str:
    known = dict(zip(by, key, strict=True))
    batch, length = known.get("batch_size"), known.get("sequence_length")
    shape = f"batch {batch} × {length} tokens" if batch else ""
    return ", ".join(str(part) for part in (known.get("where"), shape, known.get("task")) if part)
