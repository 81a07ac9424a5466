"""All that records hold as tidy tables: a row for each measurement, a row for each absence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from benchbench.records import Record, Subject

if TYPE_CHECKING:
    import pandas

SUBJECT = tuple(field.name for field in fields(Subject))
COLUMNS = (
    *("run", "machine", "suite", "study"),
    *SUBJECT,
    *("quantity", "value", "unit", "basis", "ci_low", "ci_high", "samples", "stable", "note", "cell"),
)
ABSENCE_COLUMNS = ("study", *SUBJECT, "quantity", "reason", "cell")

_WHOLE_NUMBERS = {"batch_size", "sequence_length", "seed", "samples"}
_NUMBERS = {"value", "ci_low", "ci_high"}


def measurements(run: str, suite: str, records: Sequence[Record]) -> pandas.DataFrame:
    """All measurements of `records` with `COLUMNS`."""
    return _table(_rows(run, suite, records), COLUMNS)


def absences(records: Sequence[Record]) -> pandas.DataFrame:
    """All absences of `records` with `ABSENCE_COLUMNS`."""
    rows = (
        {
            **asdict(absence.subject),
            "study": record.study,
            "quantity": absence.quantity,
            "reason": absence.reason,
            "cell": record.cell,
        }
        for record in records
        for absence in record.findings.absences
    )
    return _table(rows, ABSENCE_COLUMNS)


def as_files(table: pandas.DataFrame) -> Mapping[str, bytes]:
    """The table as files, by name: measurements.parquet and measurements.csv."""
    return {
        "measurements.parquet": table.to_parquet(index=False),
        "measurements.csv": table.to_csv(index=False).encode(errors="backslashreplace"),
    }


def _rows(run: str, suite: str, records: Sequence[Record]) -> Iterator[dict[str, object]]:
    for record in records:
        shared = {
            "run": run,
            "machine": record.provenance.machine_id,
            "suite": suite,
            "study": record.study,
            "cell": record.cell,
        }
        for m in record.findings.measurements:
            yield {
                **shared,
                **asdict(m.subject),
                "quantity": m.quantity,
                "value": m.value,
                "unit": m.unit,
                "basis": str(m.basis),
                "ci_low": m.ci_low,
                "ci_high": m.ci_high,
                "samples": m.samples,
                "stable": m.stable,
                "note": m.note,
            }


def _table(rows: Iterable[Mapping[str, object]], columns: tuple[str, ...]) -> pandas.DataFrame:
    import pandas

    table = pandas.DataFrame(list(rows), columns=list(columns))
    for column in _WHOLE_NUMBERS & set(columns):
        table[column] = table[column].astype("Int64")
    for column in _NUMBERS & set(columns):
        table[column] = table[column].astype("float64")
    return table
