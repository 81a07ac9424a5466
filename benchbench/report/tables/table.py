"""A table as data: what a page, a Markdown file, a LaTeX file and a terminal all draw from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from benchbench.quantities import QUANTITIES
from benchbench.report.view import Estimate, Key, distinct, estimates, reasons, whole
from benchbench.rounding import FOOTNOTES, Scale, rounded, scale

ABSENT = "–"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a reader sees (`text`, its 95 % `interval`, `marks` explained in a footnote), what sorting uses, and where
    a `link` leads (relative to the report)."""

    text: str
    interval: str = ""
    sort: float | str | None = None
    marks: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A heading with its unit; `numeric` columns align right."""

    title: str
    unit: str = ""
    numeric: bool = False

    @property
    def heading(self) -> str:
        return f"{self.title} ({self.unit})" if self.unit else self.title


@dataclass(frozen=True, slots=True)
class Table:
    """`key` names it in files and links. The first column heads each row.

    `row_data`: what a page's script may ask of each row, by name; empty for tables that no script reads.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Entry, ...], ...]
    notes: tuple[str, ...] = ()
    row_data: tuple[Mapping[str, str | float], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rows)


FilledColumn = tuple[Column, list[Entry]]
"""A column's head and its entries, one a row."""


def words(title: str, values: Iterable[str]) -> FilledColumn:
    """A column of text."""
    return Column(title), [Entry(value or ABSENT, sort=value) for value in values]


def whole_numbers(title: str, values: Sequence[object]) -> FilledColumn:
    """A column of whole numbers, `–` where one does not apply."""
    return Column(title, numeric=True), [
        Entry(ABSENT) if value is None else Entry(str(value), sort=float(str(value))) for value in values
    ]


def numbers(
    quantity: str, values: Sequence[Estimate | None], title: str | None = None, absent: Sequence[str] = ()
) -> FilledColumn:
    """A column of `quantity`, in one unit for the whole column. `absent`: what stands where there is no value."""
    known = QUANTITIES[quantity]
    unit = scale(quantity, [value.value for value in values if value])
    reasons = absent or [ABSENT] * len(values)
    entries = [quantity_entry(value, unit) if value else Entry(why) for value, why in zip(values, reasons, strict=True)]
    return Column(title or known.title, unit.unit, numeric=True), entries


def quantity_entry(value: Estimate, unit: Scale) -> Entry:
    """One estimate in `unit`, rounded to what its interval supports."""
    found = rounded(value.value, value.low, value.high, unit, basis=value.basis, stable=value.stable)
    return Entry(found.text, found.interval, sort=value.value, marks=found.marks)


def table(key: str, title: str, columns: Sequence[FilledColumn], notes: Sequence[str] = ()) -> Table:
    """Columns side by side, with a footnote for each mark that occurs and without columns that say nothing."""
    kept = [
        (column, entries)
        for index, (column, entries) in enumerate(columns)
        if index == 0 or any(entry.text != ABSENT for entry in entries)
    ]
    marks = {mark for _, entries in kept for entry in entries for mark in entry.marks}
    footnotes = [text for mark, text in FOOTNOTES.items() if mark in marks]
    rows = tuple(zip(*(entries for _, entries in kept), strict=True)) if kept else ()
    return Table(key, title, tuple(column for column, _ in kept), rows, (*notes, *footnotes))


def shortened(full: Table, rows: int) -> Table:
    """The first `rows` rows; a note says how many there are and where the rest lies."""
    if len(full.rows) <= rows:
        return full
    note = f"The first {rows:,} of {len(full.rows):,} rows; all are in measurements.csv."
    return replace(full, rows=full.rows[:rows], notes=(note, *full.notes))


def one_row_each(
    view: pd.DataFrame,
    quantities: tuple[str, ...],
    key: str,
    title: str,
    notes: tuple[str, ...],
    missing: pd.DataFrame | None = None,
) -> Table:
    """One row a target, model and shape; one column a quantity. `missing`: see `numbers_or_why`."""
    rows = whole(view[view["quantity"].isin(quantities) & view["where"].ne("")])
    subject = ("where", "who", "batch_size", "sequence_length")
    order = distinct(rows, subject)
    columns = [
        names("Target", order, 0),
        names("Model", order, 1),
        whole_numbers("Batch", [k[2] for k in order]),
        whole_numbers("Tokens", [k[3] for k in order]),
    ]
    for quantity in quantities:
        columns.append(numbers_or_why(quantity, rows, missing, subject, order))
    return table(key, title, columns, notes)


def numbers_or_why(
    quantity: str, rows: pd.DataFrame, missing: pd.DataFrame | None, by: Sequence[str], order: Sequence[Key]
) -> FilledColumn:
    """The estimates of `quantity` among `rows`, one for each key of `order`, or why there is none.

    `missing`: what is `view.unmeasured`; None where nobody asks.
    """
    found = estimates(rows, quantity, by)
    why = {} if missing is None else reasons(missing, quantity, by)
    return numbers(quantity, [found.get(key) for key in order], absent=[why.get(key, ABSENT) for key in order])


def names(title: str, order: Sequence[Key], position: int) -> FilledColumn:
    """One column of the keys `order`, as text."""
    return words(title, [str(key[position] or "") for key in order])


def shape_columns(order: Sequence[Key]) -> list[FilledColumn]:
    """Batch and tokens, from keys that have them second and third."""
    return [whole_numbers("Batch", [key[1] for key in order]), whole_numbers("Tokens", [key[2] for key in order])]
