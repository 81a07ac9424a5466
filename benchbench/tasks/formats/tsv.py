"""Reading the files of the official GLUE zips: tab-separated, never quoted, each in a layout of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchbench.errors import InputError
from benchbench.tasks.formats import finite
from benchbench.tasks.formats.plain_text import lines
from benchbench.tasks.task import Task, TsvLayout

_HINT = "DIR must hold the official GLUE folders"

Row = tuple[str, list[str]]
"""Where it stands, for errors, and its fields."""


def columns(task: Task, layout: TsvLayout, path: Path) -> dict[str, list[Any]]:
    """`text`, `text_pair` for a pair, and `label` of each row of a training or evaluation file.

    Fields are never unquoted: the quotation marks in MRPC and STS-B are part of the text. Raises `InputError` with
    file and line for a row with the wrong number of columns, an unknown label, or bytes that are not UTF-8.
    """
    header = _header(path) if layout.header else []
    text_at = [_position(header, column, path) for column in layout.text_columns]
    label_at = _position(header, layout.label_column, path)
    read: dict[str, list[Any]] = {name: [] for name in (*_text_names(layout), "label")}
    for where, fields in _rows(path, len(header) or layout.columns, header=layout.header, cut_rows=layout.cut_rows):
        for name, position in zip(_text_names(layout), text_at, strict=True):
            read[name].append(fields[position])
        read["label"].append(_label(task, fields[label_at], where))
    return _filled(read, path)


def test_columns(layout: TsvLayout, path: Path) -> dict[str, list[Any]]:
    """`text` and `text_pair` of each row of a test file. Raises `InputError` as `columns` does."""
    header = _header(path)
    positions = [_position(header, column, path) for column in layout.test_columns or layout.text_columns]
    rows = [fields for _, fields in _rows(path, len(header), header=True, cut_rows=False)]
    names = _text_names(layout)
    return _filled({name: [row[at] for row in rows] for name, at in zip(names, positions, strict=True)}, path)


def _text_names(layout: TsvLayout) -> tuple[str, ...]:
    return ("text", "text_pair")[: len(layout.text_columns)]


def _header(path: Path) -> list[str]:
    return next(lines(path, _HINT))[1].split("\t")


def _rows(path: Path, wanted: int, *, header: bool, cut_rows: bool) -> Iterator[Row]:
    for number, line in lines(path, _HINT):
        if not line or (header and number == 1):
            continue
        fields, where = line.split("\t"), f"{path}, line {number}"
        if len(fields) < wanted and cut_rows:
            continue
        if len(fields) != wanted:
            raise InputError(f"{where}: {len(fields)} columns instead of {wanted}; is the file cut or edited?")
        yield where, fields


def _position(header: list[str], column: str | int, path: Path) -> int:
    if isinstance(column, int):
        return column
    if column not in header:
        raise InputError(f"{path}, line 1: no column {column!r} among {', '.join(header)[:200]}")
    return header.index(column)


def _filled(read: dict[str, list[Any]], path: Path) -> dict[str, list[Any]]:
    if not read["text"]:
        raise InputError(f"{path}: no rows; is the file cut?")
    return read


def _label(task: Task, text: str, where: str) -> int | float:
    if not task.labels:
        return finite.number(text, where)
    if text in task.labels:
        return task.labels.index(text)
    if text.isdecimal() and int(text) < len(task.labels):
        return int(text)
    raise InputError(f"{where}: unknown label {text[:50]!r}; known: {', '.join(task.labels)}")
