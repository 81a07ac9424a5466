"""Rows of a table in CSV, TSV, JSON lines or Parquet, each with the place where it stands."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from benchbench.errors import InputError, one_line
from benchbench.tasks.formats.plain_text import LONGEST_LINE_BYTES, lines

TableFormat = Literal["csv", "tsv", "jsonl", "parquet"]

Row = tuple[str, Mapping[str, Any]]
"""File and line (or row), for errors, and the values by column."""

_HINT = "give a table with its column names"


def read(path: Path, kind: TableFormat) -> Iterator[Row]:
    """Every row of the table. Raises `InputError` with file and line for one that does not fit the header.

    CSV is quoted as RFC 4180 has it; TSV is never quoted, and no value in it holds a tab or a line end.
    """
    return _READERS[kind](path)


def _csv(path: Path) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_LINE_BYTES)
    reader = csv.reader((f"{line}\n" for _, line in lines(path, _HINT)), strict=True)
    header: list[str] | None = None
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            raise InputError(f"{path}, line {reader.line_num}: not CSV: {error}") from error
        if header is None:
            header = _header(fields, path)
        elif fields:
            yield _row(header, fields, f"{path}, line {reader.line_num}")


def _tsv(path: Path) -> Iterator[Row]:
    header: list[str] | None = None
    for number, line in lines(path, _HINT):
        if header is None:
            header = _header(line.split("\t"), path)
        elif line:
            yield _row(header, line.split("\t"), f"{path}, line {number}")


def _jsonl(path: Path) -> Iterator[Row]:
    for number, line in lines(path, _HINT):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            value = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise InputError(f"{where}: not JSON: {str(error)[:100]}") from None
        if not isinstance(value, dict):
            raise InputError(f"{where}: a {type(value).__name__}, not an object with named values")
        yield where, value


def _parquet(path: Path) -> Iterator[Row]:
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


def _header(fields: list[str], path: Path) -> list[str]:
    twice = {name for name in fields if fields.count(name) > 1}
    if twice:
        raise InputError(f"{path}, line 1: two columns are called {min(twice)!r}")
    return fields


def _row(header: list[str], fields: list[str], where: str) -> Row:
    if len(fields) != len(header):
        raise InputError(f"{where}: {len(fields)} columns instead of {len(header)}")
    return where, dict(zip(header, fields, strict=True))


_READERS: Mapping[TableFormat, Callable[[Path], Iterator[Row]]] = {
    "csv": _csv,
    "tsv": _tsv,
    "jsonl": _jsonl,
    "parquet": _parquet,
}
