"""Writing a run folder: its manifest, one record after the other, the tables at the end."""

from __future__ import annotations

from pathlib import Path

from benchbench.errors import InputError
from benchbench.records import Manifest, Record
from benchbench.runs import atomic, codec, predictions, tidy
from benchbench.runs.folder import Layout, Run


class RunWriter(Layout):
    """A run folder that is being written. Start one with `create`."""

    @classmethod
    def create(cls, folder: Path, manifest: Manifest) -> RunWriter:
        """Start a run in `folder`, or give an existing one a new plan; its records stay.

        Raises `InputError` when `folder` is a file, holds something that is no run, or cannot be written.
        """
        run = cls(folder)
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder} is a file, not a folder; choose another with --out")
        if folder.is_dir() and not run.manifest_path.exists() and _holds_something_else(folder):
            raise InputError(f"{folder} is not empty and not a run folder; choose another with --out")
        atomic.write_text(run.manifest_path, codec.encode_manifest(manifest))
        return run

    def write_record(self, record: Record) -> None:
        """Store a record whole, with the SHA-256 of its content beside the content; predictions in their own file."""
        record = predictions.separated(record, self.predictions_path(record.cell))
        atomic.write_text(self.record_path(record.cell), codec.encode(record))

    def sweep(self) -> None:
        """Remove what a process that died left half-written."""
        for path in tuple(self.folder.rglob(f".*{atomic.PART}*")):
            atomic.remove(path)


def write_tables(run: Run) -> None:
    """Write the run's tidy table into its folder, as Parquet and CSV."""
    for name, content in tidy.as_files(run.measurements).items():
        atomic.write_bytes(run.folder / name, content)


def _holds_something_else(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except OSError as error:
        raise InputError(f"cannot read {folder}: {error.strerror}; choose another folder with --out") from error
