"""Differences as tables: of two runs, of two sides of one run, and the examples behind them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchbench.quantities import QUANTITIES
from benchbench.records import Interval
from benchbench.report.comparison import Difference, RunComparison
from benchbench.report.evaluations.flipped import Flipped
from benchbench.report.side_by_side import Contrast, SideBySide
from benchbench.report.tables.table import Column, Entry, FilledColumn, Table, quantity_entry, table, words
from benchbench.report.view import Estimate
from benchbench.rounding import decimals, number, scale


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
    if comparison.paired or comparison.unpaired:
        notes.append(
            f"Scores: {comparison.paired:,} compared on the same examples, over all seeds; {comparison.unpaired:,} by "
            "their intervals alone, because the two runs have no answers to the same examples."
        )
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
    return Entry(text, _span(difference.change), sort=difference.relative)


def _span(change: Interval | None) -> str:
    return "" if change is None else f"{change.low:+.3f} to {change.high:+.3f}"


def _verdict(difference: Difference, comparison: RunComparison) -> str:
    if difference in comparison.regressions:
        return "regression"
    if not difference.comparable:
        return "another machine"
    if difference.worse:
        return "worse, within the threshold"
    return "better" if QUANTITIES[difference.quantity].better != "neither" else "different"


def contrasts_table(found: SideBySide) -> Table:
    """A row a score: both sides, the paired change, and whether it is more than chance."""
    shown = found.contrasts
    columns: list[FilledColumn] = [
        words("What", [each.what for each in shown]),
        words("Metric", [QUANTITIES[each.change.metric].title for each in shown]),
        (Column(found.before, numeric=True), [_score(each, each.change.before) for each in shown]),
        (Column(found.after, numeric=True), [_score(each, each.change.after) for each in shown]),
        (Column("Change", numeric=True), [_change(each) for each in shown]),
        (Column("p", numeric=True), [Entry(f"{each.change.p_value:.2g}", sort=each.change.p_value) for each in shown]),
        words("Verdict", [_better(each, found) for each in shown]),
    ]
    note = "The same examples on both sides; changes with paired 95 % intervals, over all seeds."
    return table("contrasts", f"{found.before} and {found.after}", columns, [note])


def _score(contrast: Contrast, value: Interval) -> Entry:
    estimate = Estimate(value.value, value.low, value.high)
    return quantity_entry(estimate, scale(contrast.change.metric, [value.value]))


def _change(contrast: Contrast) -> Entry:
    change = contrast.change.change
    return Entry(f"{change.value:+.3f} ({_span(change)})", sort=change.value)


def _better(contrast: Contrast, found: SideBySide) -> str:
    if not contrast.significant:
        return "no significant difference"
    return f"{found.after if contrast.change.change.value > 0 else found.before} is better"


def flips_table(what: str, before: str, after: str, shown: Sequence[Flipped]) -> Table:
    """A row an example: what is true, what each side answered, and the text where it is at hand."""
    columns: list[FilledColumn] = [
        (Column("Example", numeric=True), [Entry(str(each.number), sort=each.number) for each in shown]),
        words("True", [each.truth for each in shown]),
        words(before, [each.before for each in shown]),
        words(after, [each.after for each in shown]),
        words("Text", [each.text for each in shown]),
    ]
    note = "Of the first seed; largest gains and losses first."
    return table("flips", f"Examples that flip: {what}", columns, [note])
