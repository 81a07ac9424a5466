"""A run folder: manifest, records, executed notebooks, tables, report.

results/quick/
  manifest.json              what was planned, on which machine, with which settings
  records/CELL.json          one a finished or failed cell, written whole or not at all
  notebooks/CELL.ipynb       the notebook that made it, executed
  predictions/CELL.parquet   what was answered to each evaluation example, on each target, and to test sets
  models/CELL/               the fine-tuned model with its tokenizer, where that was asked for
  measurements.parquet|csv   all records as one tidy table
  report/                    index.html, report.md, figures
  SHA256SUMS                 of all of these, see `benchbench.runs.checksums`

`Run` reads one, as it lies there when it is opened; `benchbench.runs.writer` writes one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from benchbench.errors import InputError
from benchbench.records import Manifest, Record
from benchbench.runs import codec, tidy

if TYPE_CHECKING:
    import pandas

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Layout:
    """Where everything of a run lies below `folder`."""

    folder: Path

    @property
    def manifest_path(self) -> Path:
        return self.folder / MANIFEST

    def record_path(self, cell: str) -> Path:
        return self.folder / "records" / f"{cell}.json"

    def notebook_path(self, cell: str) -> Path:
        return self.folder / "notebooks" / f"{cell}.ipynb"

    def predictions_path(self, cell: str) -> Path:
        return self.folder / "predictions" / f"{cell}.parquet"

    def model_path(self, cell: str) -> Path:
        return self.folder / "models" / cell

    def record(self, cell: str) -> Record | None:
        """The record of `cell` as it lies there now; None when there is none, or only a damaged one."""
        path = self.record_path(cell)
        if not path.is_file():
            return None
        try:
            return codec.decode(path.read_text(encoding="utf-8"), path)
        except (InputError, UnicodeDecodeError):
            return None


class Run(Layout):
    """A run folder that exists, read once. Open one with `open`."""

    @classmethod
    def open(cls, folder: str | Path) -> Run:
        """Open an existing run. Raises `InputError` when `folder` is not one."""
        run = cls(Path(folder))
        if not run.manifest_path.is_file():
            raise InputError(f"{folder} is not a run folder (no {MANIFEST}); runs lie under results/")
        return run

    @cached_property
    def manifest(self) -> Manifest:
        """Raises `InputError` when it is damaged or of another version."""
        try:
            text = self.manifest_path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{self.manifest_path} cannot be read: {error}; run the suite again") from error
        return codec.decode_manifest(text, self.manifest_path)

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """The readable records of the cells that the manifest plans, in the plan's order."""
        planned = (self.record(cell) for cell in self.manifest.cells)
        return tuple(record for record in planned if record is not None)

    @property
    def failures(self) -> tuple[Record, ...]:
        return tuple(record for record in self.records if record.failure)

    @cached_property
    def measurements(self) -> pandas.DataFrame:
        """All measurements as one tidy table with `tidy.COLUMNS`, a row each. Shared: copy it before changing it."""
        return tidy.measurements(self.folder.name, self.manifest.suite, self.records)

    @cached_property
    def absences(self) -> pandas.DataFrame:
        """What could not be measured, and why, as a table with `tidy.ABSENCE_COLUMNS`."""
        return tidy.absences(self.records)
