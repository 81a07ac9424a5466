"""Two runs side by side: what changed, which differences are more than chance, and what got worse."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd
from scipy.stats import false_discovery_control

from benchbench.quantities import QUANTITIES
from benchbench.report.tables.provenance import software_of
from benchbench.report.tables.table import Column, Entry, FilledColumn, Table, quantity_entry, table, words
from benchbench.report.view import Estimate, Key, estimates, labelled
from benchbench.rounding import decimals, number, scale
from benchbench.runs.folder import Run
from benchbench.runs.tidy import SUBJECT

SIGNIFICANCE = 0.05
COMPARED = (*(name for name in SUBJECT if name != "seed"), "quantity")
"""What two values must share to be compared: all that a subject says, seeds apart, which are joined."""


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
    views = labelled(before.measurements), labelled(after.measurements)
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
        for key, value in estimates(view, str(quantity), COMPARED).items()
    }


def _difference(key: Key, before: Estimate, after: Estimate, comparable: bool) -> Difference:
    quantity = QUANTITIES[str(key[-1])]
    change = after.value - before.value
    if not quantity.score:
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
        comparable=comparable or not quantity.depends_on_machine,
    )


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
    tested = [d.p_value for d in raw if d.p_value is not None]
    adjusted = iter(false_discovery_control(tested) if tested else ())
    return [
        replace(d, significant=True)
        for d in raw
        if (d.p_value is not None and next(adjusted) <= SIGNIFICANCE and d.relative)
        or (d.p_value is None and d.relative and not QUANTITIES[d.quantity].depends_on_machine)
    ]


def _by_size(differences: Iterable[Difference]) -> list[Difference]:
    return sorted(differences, key=lambda d: -abs(d.relative))


def _subject_words(key: Key) -> str:
    """A subject as a phrase: its quantity, then each field that applies."""
    known = {name: value for name, value in zip(COMPARED, key, strict=True) if value not in (None, "")}
    batch, tokens = known.get("batch_size"), known.get("sequence_length")
    shape = [f"batch {batch}" if batch else "", f"{tokens} tokens" if tokens else ""]
    phrases = {
        **known,
        "target": f"on {known.get('target')}",
        "baseline": f"over {known.get('baseline')}",
        "batch_size": " × ".join(part for part in shape if part),
        "weights": f"weights {known.get('weights')}",
        "lengths": f"{known.get('lengths')} lengths",
    }
    shown = [str(phrases[name]) for name in known if name not in ("quantity", "sequence_length")]
    return ", ".join([QUANTITIES[str(known["quantity"])].title, *shown])


def _changes(before: Run, after: Run) -> Iterable[Change]:
    """Suite, settings, machine and versions that differ."""
    first, second = before.manifest, after.manifest
    yield from _changed("suite", first.suite, second.suite)
    yield from _changed("machine_id", first.machine_id, second.machine_id)
    yield from _changed_within("machine", asdict(first.machine), asdict(second.machine))
    yield from _changed_within("settings", first.settings, second.settings)
    sides = [_software(run) for run in (before, after)]
    for name in dict.fromkeys((*sides[0], *sides[1])):
        yield from _changed(name, sides[0].get(name), sides[1].get(name))


def _software(run: Run) -> dict[str, str]:
    return {name: version for record in run.records for name, version in software_of(record).items()}


def _changed_within(what: str, before: Mapping[str, object], after: Mapping[str, object]) -> Iterable[Change]:
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
    columns: list[FilledColumn] = [
        words("What", [difference.subject for difference in shown]),
        (Column("Before", numeric=True), [_with_unit(d, d.before) for d in shown]),
        (Column("After", numeric=True), [_with_unit(d, d.after) for d in shown]),
        (Column("Change", numeric=True), [_change_entry(d) for d in shown]),
        words("Verdict", [_verdict(d, comparison) for d in shown]),
    ]
    notes = [f"{len(comparison.differences):,} of {comparison.compared:,} compared values differ significantly."]
    if not comparison.same_machine:
        notes.append("The machines differ: times, memory and energy are not comparable.")
    return table("differences", "Differences", columns, notes)


def _with_unit(difference: Difference, value: Estimate) -> Entry:
    unit = scale(difference.quantity, [value.value])
    entry = quantity_entry(value, unit)
    return Entry(f"{entry.text} {unit.unit}".rstrip(), entry.interval, entry.sort, entry.marks)


def _change_entry(difference: Difference) -> Entry:
    if QUANTITIES[difference.quantity].score or not math.isfinite(difference.relative):
        text = f"{difference.relative:+.3f}"
    else:
        percent = difference.relative * 100
        sign = "+" if percent > 0 else ""
        text = f"{sign}{number(percent, min(decimals(percent), 1))} %"
    return Entry(text, sort=difference.relative)


def _verdict(difference: Difference, comparison: RunComparison) -> str:
    if difference in comparison.regressions:
        return "regression"
    if not difference.comparable:
        return "another machine"
    if difference.worse:
        return "worse, within the threshold"
    return "better" if QUANTITIES[difference.quantity].better != "neither" else "different"
