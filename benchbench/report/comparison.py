"""Two runs side by side: what changed, which differences are more than chance, and what got worse."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from benchbench.quantities import QUANTITIES
from benchbench.report.rounding import decimals, number, scale
from benchbench.report.tables.table import Cell, Column, Drawn, Table, quantity_cell, table, words
from benchbench.report.view import METRICS, Estimate, Key, estimates, labelled
from benchbench.runs.folder import Run

SIGNIFICANCE = 0.05
COUNTS = frozenset({"parameters", "weight_bytes", "macs", "flops", "flops_other", "train_examples", "padding_waste"})
SUBJECT = ("model", "task", "target", "scenario", "batch_size", "sequence_length", "baseline", "part", "quantity")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not the same in both runs (a version, the machine, a setting)."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One quantity of one subject in both runs.

    `relative`: after / before − 1; for a score the plain difference. `p_value`: None without two intervals.
    `significant`: more than chance, all comparisons of the two runs taken together. `worse`: in the direction that
    counts as worse for this quantity. `comparable`: False where the machines differ and the quantity depends on them.
    """

    subject: str
    quantity: str
    unit: str
    before: Estimate
    after: Estimate
    relative: float
    p_value: float | None
    significant: bool
    worse: bool
    comparable: bool


@dataclass(frozen=True, slots=True)
class RunComparison:
    """`differences`: the significant ones, regressions first, then by size. `regressions`: significant, worse by more
    than `threshold`, and comparable. `only_before`, `only_after`: subjects that one run lacks."""

    changes: tuple[Change, ...]
    differences: tuple[Difference, ...]
    regressions: tuple[Difference, ...]
    compared: int
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    same_machine: bool
    threshold: float

    def as_json(self) -> dict[str, Any]:
        """Plain data, for `--json`. A change from nothing has no relative size: null."""
        plain = asdict(self)
        for difference in (*plain["differences"], *plain["regressions"]):
            if not math.isfinite(difference["relative"]):
                difference["relative"] = None
        return plain


def compare(before: Run, after: Run, threshold: float = 0.05, across_machines: bool = False) -> RunComparison:
    """Compare two runs. A regression is worse by more than `threshold` (relative; for scores absolute).

    Two machines' times, memory and energy are not called a regression unless `across_machines`.
    """
    views = labelled(before.measurements()), labelled(after.measurements())
    first, second = (_estimates(view) for view in views)
    machines = [set(view["machine"]) - {""} for view in views]
    same_machine = machines[0] == machines[1]
    shared = [key for key in first if key in second]
    raw = [_difference(key, first[key], second[key], same_machine or across_machines) for key in shared]
    differences = _judge(raw)
    regressions = [d for d in differences if d.worse and d.comparable and abs(d.relative) > threshold]
    rest = [d for d in differences if d not in regressions]
    return RunComparison(
        changes=tuple(_changes(before, after)),
        differences=(*_by_size(regressions), *_by_size(rest)),
        regressions=tuple(_by_size(regressions)),
        compared=len(shared),
        only_before=tuple(_subject_words(key) for key in first if key not in second),
        only_after=tuple(_subject_words(key) for key in second if key not in first),
        same_machine=same_machine,
        threshold=threshold,
    )


def _estimates(view: pd.DataFrame) -> dict[Key, Estimate]:
    """An estimate of every quantity of every subject; seeds joined."""
    return {
        (*key[:-1], quantity): value
        for quantity in dict.fromkeys(view["quantity"])
        for key, value in estimates(view, str(quantity), SUBJECT, part=None).items()
    }


def _difference(key: Key, before: Estimate, after: Estimate, comparable: bool) -> Difference:
    quantity = QUANTITIES[str(key[-1])]
    change = after.value - before.value
    if not _is_score(quantity.name):
        change = change / abs(before.value) if before.value else math.copysign(math.inf, change) if change else 0.0
    worse = change > 0 if quantity.better == "lower" else change < 0 if quantity.better == "higher" else False
    return Difference(
        subject=_subject_words(key),
        quantity=quantity.name,
        unit=quantity.unit,
        before=before,
        after=after,
        relative=change,
        p_value=p_value(before, after),
        significant=False,
        worse=worse,
        comparable=comparable or quantity.name in COUNTS or _is_score(quantity.name),
    )


def _is_score(quantity: str) -> bool:
    return quantity in METRICS or quantity == "glue_score"


def p_value(before: Estimate, after: Estimate) -> float | None:
    """How likely a difference this large is by chance, from the two 95 % intervals (normal approximation, two-sided).

    None when one of them has no interval.
    """
    errors = [_standard_error(value) for value in (before, after)]
    if errors[0] is None or errors[1] is None:
        return None
    spread = math.hypot(errors[0], errors[1])
    if spread == 0:
        return 1.0 if before.value == after.value else 0.0
    return math.erfc(abs(after.value - before.value) / spread / math.sqrt(2))


def _standard_error(value: Estimate) -> float | None:
    return None if value.low is None or value.high is None else (value.high - value.low) / 2 / 1.96


def _judge(raw: Sequence[Difference]) -> list[Difference]:
    """Keep the significant ones.

    Tested ones by Benjamini and Hochberg (1995), so that of those called significant at most 5 % are chance; counts
    and seeded scores are exact, any difference there is real.
    """
    tested = sorted((d.p_value, index) for index, d in enumerate(raw) if d.p_value is not None)
    limit = max((p for rank, (p, _) in enumerate(tested, 1) if p <= SIGNIFICANCE * rank / len(tested)), default=-1.0)
    return [
        _significant(d)
        for d in raw
        if (d.p_value is not None and d.p_value <= limit and d.relative)
        or (d.p_value is None and d.relative and (d.quantity in COUNTS or _is_score(d.quantity)))
    ]


def _significant(difference: Difference) -> Difference:
    return replace(difference, significant=True)


def _by_size(differences: Iterable[Difference]) -> list[Difference]:
    return sorted(differences, key=lambda d: -abs(d.relative))


def _subject_words(key: Key) -> str:
    model, task, target, scenario, batch, length, baseline, part, quantity = key
    words_ = [
        str(model or ""),
        str(task or ""),
        f"on {target}" if target else "",
        str(scenario or ""),
        f"batch {batch} × {length} tokens" if batch else "",
        f"over {baseline}" if baseline else "",
        str(part or ""),
    ]
    return ", ".join([QUANTITIES[str(quantity)].title, *(word for word in words_ if word)])


def _changes(before: Run, after: Run) -> Iterable[Change]:
    """Suite, settings, machine and versions that differ."""
    for what in ("suite", "machine_id"):
        yield from _changed(what, before.manifest.get(what), after.manifest.get(what))
    for what in ("machine", "settings"):
        yield from _changed_within(what, before.manifest.get(what), after.manifest.get(what))
    sides = [_provenance(run) for run in (before, after)]
    for name in dict.fromkeys((*sides[0], *sides[1])):
        yield from _changed(name, sides[0].get(name), sides[1].get(name))


def _provenance(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for record in run.records:
        versions = record.provenance.get("versions")
        found |= dict(versions) if isinstance(versions, Mapping) else {}
        found |= {k: record.provenance[k] for k in ("benchbench", "commit") if record.provenance.get(k)}
    return found


def _changed_within(what: str, before: object, after: object) -> Iterable[Change]:
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        yield from _changed(what, before, after)
        return
    for key in dict.fromkeys((*before, *after)):
        yield from _changed(f"{what}.{key}", before.get(key), after.get(key))


def _changed(what: str, before: object, after: object) -> Iterable[Change]:
    if before != after:
        yield Change(what, _short(before), _short(after))


def _short(value: object) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 200 else f"{text[:197]}…"


def differences_table(comparison: RunComparison, most: int = 40) -> Table:
    """The significant differences, regressions first."""
    shown = comparison.differences[:most]
    columns: list[Drawn] = [
        words("What", [difference.subject for difference in shown]),
        (Column("Before", numeric=True), [_with_unit(d, d.before) for d in shown]),
        (Column("After", numeric=True), [_with_unit(d, d.after) for d in shown]),
        (Column("Change", numeric=True), [_change_cell(d) for d in shown]),
        words("Verdict", [_verdict(d, comparison) for d in shown]),
    ]
    notes = [f"{len(comparison.differences):,} of {comparison.compared:,} compared values differ significantly."]
    if not comparison.same_machine:
        notes.append("The machines differ: times, memory and energy are not comparable.")
    return table("differences", "Differences", columns, notes)


def _with_unit(difference: Difference, value: Estimate) -> Cell:
    unit = scale(difference.quantity, difference.unit, [value.value])
    cell = quantity_cell(value, unit)
    return Cell(f"{cell.text} {unit.unit}".rstrip(), cell.interval, cell.sort, cell.marks)


def _change_cell(difference: Difference) -> Cell:
    if _is_score(difference.quantity) or not math.isfinite(difference.relative):
        text = f"{difference.relative:+.3f}"
    else:
        percent = difference.relative * 100
        sign = "+" if percent > 0 else ""
        text = f"{sign}{number(percent, min(decimals(percent), 1))} %"
    return Cell(text, sort=difference.relative)


def _verdict(difference: Difference, comparison: RunComparison) -> str:
    if difference in comparison.regressions:
        return "regression"
    if not difference.comparable:
        return "another machine"
    if difference.worse:
        return "worse, within the threshold"
    return "better" if QUANTITIES[difference.quantity].better != "neither" else "different"
