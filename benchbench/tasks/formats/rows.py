"""Rows of a table in CSV, TSV, JSON or Parquet, each with the place where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from benchbench.errors import InputError, one_line
from benchbench.tasks.formats import delimited, json_rows
from benchbench.tasks.formats.plain_text import UTF_8

TableFormat = Literal["csv", "tsv", "jsonl", "json", "parquet"]

Row = tuple[str, Mapping[str, Any]]
"""File and line (or row), for errors, and the values by column."""


@dataclass(frozen=True, slots=True)
class Table:
    """How a table is written. `columns`: those that it must have. `separator`: between the values of CSV."""

    kind: TableFormat
    columns: tuple[str, ...] = ()
    separator: str = ","
    encoding: str = UTF_8


def read(path: Path, table: Table) -> Iterator[Row]:
    """Every row of the table. Raises `InputError` with file and line for one that does not fit, or lacks a column."""
    for where, row in _READERS[table.kind](path, table):
        for column in table.columns:
            if column not in row:
                raise InputError(f"{where}: no column {column!r} among {', '.join(map(str, row))[:200]}")
        yield where, row


def _csv(path: Path, table: Table) -> Iterator[Row]:
    return delimited.quoted(path, table.separator, table.columns, table.encoding)


def _tsv(path: Path, table: Table) -> Iterator[Row]:
    return delimited.unquoted(path, table.columns, table.encoding)


def _jsonl(path: Path, table: Table) -> Iterator[Row]:
    return json_rows.lines_of_objects(path, table.encoding)


def _json(path: Path, table: Table) -> Iterator[Row]:
    return json_rows.read(path, table.encoding)


def _parquet(path: Path, table: Table) -> Iterator[Row]:
    from pyarrow import ArrowException, parquet

    try:
        file = parquet.ParquetFile(path)
        number = 0
        for batch in file.iter_batches():
            for row in batch.to_pylist():
                number += 1
                yield f"{path}, row {number}", row
    except (OSError, ArrowException) as error:
        raise InputError(f"cannot read {path} as Parquet: {one_line(error)}") from error


_READERS: Mapping[TableFormat, Callable[[Path, Table], Iterator[Row]]] = {
    "csv": _csv,
    "tsv": _tsv,
    "jsonl": _jsonl,
    "json": _json,
    "parquet": _parquet,
}
