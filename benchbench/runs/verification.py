"""Whether a run folder is what was written: nothing changed, nothing missing, nothing extra."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from benchbench.errors import InputError
from benchbench.runs import checksums, codec, seal, tidy
from benchbench.runs.folder import Run


def problems(folder: Path) -> tuple[str, ...]:
    """One line for each thing that is wrong, each naming its file; empty for a whole run.

    Raises `InputError` when `folder` is no run.
    """
    run = Run.open(folder)
    found = dict.fromkeys((*_manifest(run), *_records(run), *_listed(folder)))
    return tuple(found) or tuple(_tables(run))


def _manifest(run: Run) -> Iterator[str]:
    path = run.manifest_path
    try:
        _ = run.manifest
    except InputError as error:
        yield str(error)
        return
    if not seal.is_as_written(path.read_text(encoding="utf-8")):
        yield f"{path} is not as it was written"


def _records(run: Run) -> Iterator[str]:
    """Every planned cell has a record that matches its schema and its hash, and, if it finished, its notebook."""
    try:
        planned = run.manifest.cells
    except InputError:
        return
    for cell in planned:
        path, notebook = run.record_path(cell), run.notebook_path(cell)
        if not path.is_file():
            yield f"{path} is missing: the cell has not run; run the suite again"
            continue
        try:
            text = path.read_bytes().decode()
            record = codec.decode(text, path)
            if codec.encode(record) != text:
                yield f"{path} is not as it was written"
            if record.failure is None and not notebook.is_file():
                yield f"{notebook} is missing: the executed notebook of a record"
        except UnicodeDecodeError:
            yield f"{path} is not UTF-8"
        except InputError as error:
            yield str(error)


def _listed(folder: Path) -> Iterator[str]:
    try:
        listed = checksums.read(folder)
    except InputError as error:
        yield str(error)
        return
    there = dict(checksums.files(folder))
    for name, digest in listed.items():
        if name not in there:
            yield f"{folder / name} is missing"
        elif checksums.digest(there[name]) != digest:
            yield f"{folder / name} does not match its hash in {checksums.NAME}"
    for name in sorted(there.keys() - listed.keys()):
        yield f"{folder / name} is extra: it was not there when the run ended"


def _tables(run: Run) -> Iterator[str]:
    """The tables are what the records say, under the name that the folder had when they were written."""
    table = tidy.measurements(_name_in_tables(run), run.manifest.suite, run.records)
    for name, content in tidy.as_files(table).items():
        path = run.folder / name
        if path.read_bytes() != content:
            yield f"{path} is not what the records give; write it again with: benchbench report {run.folder}"


def _name_in_tables(run: Run) -> str:
    text = (run.folder / "measurements.csv").read_text(encoding="utf-8", errors="replace")
    return next(csv.DictReader(StringIO(text)), {}).get("run") or run.folder.name
