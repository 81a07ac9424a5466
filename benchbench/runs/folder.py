"""A run folder: manifest, records, executed notebooks, tables, report.

results/quick/
  manifest.json              what was planned, on which machine, with which settings
  records/CELL.json          one a finished or failed cell, written whole or not at all
  notebooks/CELL.ipynb       the notebook that made it, executed
  predictions/CELL.json      predictions of unlabelled test sets, where the suite asks for them
  measurements.parquet|csv   all records as one tidy table
  report/                    index.html, report.md, figures
  SHA256SUMS                 of all of these, see `benchbench.runs.checksums`
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbench.errors import InputError
from benchbench.records import Record
from benchbench.runs import atomic, predictions, seal
from benchbench.runs.codec import SCHEMA, decode, encode

if TYPE_CHECKING:
    import pandas

COLUMNS = (
    "run",
    "machine",
    "suite",
    "study",
    "model",
    "weights",
    "task",
    "data",
    "target",
    "scenario",
    "batch_size",
    "sequence_length",
    "seed",
    "baseline",
    "recipe",
    "part",
    "quantity",
    "value",
    "unit",
    "basis",
    "ci_low",
    "ci_high",
    "samples",
    "stable",
    "note",
    "cell",
)

ABSENCE_COLUMNS = ("study", "model", "weights", "task", "data", "target", "scenario", "part", "reason", "cell")


@dataclass(frozen=True)
class Run:
    """A run folder that exists. Make one with `create`, read one with `open`."""

    folder: Path

    @classmethod
    def create(cls, folder: Path, manifest: Mapping[str, object]) -> Run:
        """Start a run in `folder`, or plan an existing one anew; records that lie there stay.

        Raises `InputError` when `folder` is a file, holds something that is no run, or cannot be written.
        """
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder} is a file, not a folder; choose another with --out")
        if folder.is_dir() and not (folder / "manifest.json").exists() and _holds_something_else(folder):
            raise InputError(f"{folder} is not empty and not a run folder; choose another with --out")
        atomic.write_text(folder / "manifest.json", seal.sealed({"schema": SCHEMA, **manifest}))
        return cls(folder)

    @classmethod
    def open(cls, folder: str | Path) -> Run:
        """Open an existing run. Raises `InputError` when `folder` is not one."""
        folder = Path(folder)
        if not (folder / "manifest.json").is_file():
            raise InputError(f"{folder} is not a run folder (no manifest.json); runs lie under results/")
        return cls(folder)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        path = self.folder / "manifest.json"
        try:
            manifest = seal.opened(path.read_text(encoding="utf-8"))
        except (ValueError, OSError) as error:
            raise InputError(f"{path} cannot be read: {error}; run the suite again to rewrite it") from error
        if manifest.get("schema") != SCHEMA:
            raise InputError(f"{path} is not a manifest of schema {SCHEMA}; it was written by another version")
        return manifest

    def record_path(self, cell: str) -> Path:
        return self.folder / "records" / f"{cell}.json"

    def notebook_path(self, cell: str) -> Path:
        return self.folder / "notebooks" / f"{cell}.ipynb"

    def predictions_path(self, cell: str) -> Path:
        return self.folder / "predictions" / f"{cell}.json"

    def write_record(self, record: Record) -> None:
        """Store a record whole, with the SHA-256 of its content beside the content; predictions in their own file."""
        record = predictions.separated(record, self.predictions_path(record.cell))
        atomic.write_text(self.record_path(record.cell), encode(record))

    def record(self, cell: str) -> Record | None:
        """The record of `cell`; None when there is none, or only a damaged one (the cell then runs again)."""
        path = self.record_path(cell)
        if not path.is_file():
            return None
        try:
            return decode(path.read_text(encoding="utf-8"), path)
        except (InputError, UnicodeDecodeError):
            return None

    def sweep(self) -> None:
        """Remove what a process that died left half-written."""
        for path in self.folder.rglob(f".*{atomic.PART}*"):
            path.unlink(missing_ok=True)

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """The readable records of the cells that the manifest plans, in the plan's order."""
        planned = (self.record(cell) for cell in self.manifest.get("cells", ()))
        return tuple(record for record in planned if record is not None)

    @property
    def failures(self) -> tuple[Record, ...]:
        return tuple(record for record in self.records if record.outcome == "failed")

    def measurements(self) -> pandas.DataFrame:
        """All measurements as one tidy table with `COLUMNS`, a row each."""
        return _table(self._rows(), COLUMNS)

    def absences(self) -> pandas.DataFrame:
        """What could not be measured, and why, as a table with `ABSENCE_COLUMNS`."""
        rows = (
            {**asdict(absence.subject), "study": record.study, "cell": record.cell, "reason": absence.reason}
            for record in self.records
            for absence in record.findings.absences
        )
        return _table(rows, ABSENCE_COLUMNS)

    def tables(self) -> Mapping[str, bytes]:
        """The tidy table as files, by name: measurements.parquet and measurements.csv."""
        table = self.measurements()
        return {
            "measurements.parquet": table.to_parquet(index=False),
            "measurements.csv": table.to_csv(index=False).encode(errors="backslashreplace"),
        }

    def write_tables(self) -> None:
        """Write `tables` into the folder."""
        for name, content in self.tables().items():
            atomic.write_bytes(self.folder / name, content)

    def _rows(self) -> Iterable[dict[str, object]]:
        for record in self.records:
            shared = {
                "run": self.folder.name,
                "machine": record.provenance.get("machine_id", ""),
                "suite": self.manifest.get("suite", ""),
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
    for column in {"batch_size", "sequence_length", "seed", "samples"} & set(columns):
        table[column] = table[column].astype("Int64")
    for column in {"value", "ci_low", "ci_high"} & set(columns):
        table[column] = table[column].astype("float64")
    return table


def _holds_something_else(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except OSError as error:
        raise InputError(f"cannot read {folder}: {error.strerror}; choose another folder with --out") from error
