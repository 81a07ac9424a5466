"""Rows of text tables whose first line names the columns: CSV, quoted as RFC 4180 has it, and TSV, never quoted.

A first column without a name holds row numbers, as pandas writes them, and is left out. Further columns without a
name come from spreadsheets and from texts that were not quoted; they must be empty.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchbench.errors import InputError
from benchbench.tasks.formats.plain_text import LONGEST_LINE, lines

_HINT = "give a table with its column names"
_SEPARATORS = (";", "\t", "|", ",")

Row = tuple[str, dict[str, str]]
"""File and line, and the values by column."""


def quoted(path: Path, separator: str, columns: Sequence[str], encoding: str) -> Iterator[Row]:
    """The rows of a CSV file with the named columns `columns`.

    Raises `InputError` with file and line for a missing column (with the separator that the file seems to have), and
    for a row that does not fit the header.
    """
    csv.field_size_limit(LONGEST_LINE)
    text = (f"{line}\n" for _, line in lines(path, _HINT, encoding))
    reader = csv.reader(text, delimiter=separator, strict=True)
    header: Header | None = None
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            raise InputError(f"{path}, line {reader.line_num}: not CSV: {error}") from error
        where = f"{path}, line {reader.line_num}"
        if header is None:
            header = Header(fields, where, columns, separator)
        elif fields:
            yield where, header.row(fields, where)


def unquoted(path: Path, columns: Sequence[str], encoding: str) -> Iterator[Row]:
    """The rows of a TSV file: no value holds a tab or a line end. Raises `InputError` as `quoted` does."""
    header: Header | None = None
    for number, line in lines(path, _HINT, encoding):
        where = f"{path}, line {number}"
        if header is None:
            header = Header(line.split("\t"), where, columns, "\t")
        elif line:
            yield where, header.row(line.split("\t"), where)


class Header:
    """The names of the columns, and how a row's fields belong to them."""

    def __init__(self, fields: Sequence[str], where: str, columns: Sequence[str], separator: str) -> None:
        self._names = [name.strip() for name in fields]
        if not any(self._names):
            raise InputError(f"{where}: no names of columns; {_HINT}")
        twice = {name for name in self._names if name and self._names.count(name) > 1}
        if twice:
            raise InputError(f"{where}: two columns are called {min(twice)!r}")
        for column in columns:
            if column not in self._names:
                named = ", ".join(filter(None, self._names))[:200]
                raise InputError(f"{where}: no column {column!r} among {named}{_advice(fields, columns, separator)}")

    def row(self, fields: Sequence[str], where: str) -> dict[str, str]:
        """A row's values by column. Raises `InputError` for values without a column and columns without a value."""
        names = self._names
        beyond = [value for value in fields[len(names) :] if value.strip()]
        if beyond or any(names[len(fields) :]):
            raise InputError(f"{where}: {len(fields)} columns instead of {len(names)}")
        for position, (name, value) in enumerate(zip(names, fields, strict=False)):
            if not name and position > 0 and value.strip():
                raise InputError(
                    f"{where}: {value[:50]!r} is in a column without a name; name column {position + 1}, or quote the "
                    "text that runs into it"
                )
        return {name: value for name, value in zip(names, fields, strict=False) if name}


def _advice(fields: Sequence[str], columns: Sequence[str], separator: str) -> str:
    """What to say where another separator, or unquoting, would give the columns wanted, or more than one at all."""
    header = separator.join(fields)
    for other in _SEPARATORS:
        names = [name.strip(' "') for name in header.split(other)]
        if set(columns) <= set(names) or (len(fields) == 1 and len(names) > 1):
            shown = '"\\t"' if other == "\t" else f'"{other}"'
            return f"; it seems to be CSV separated by {other!r}: say 'format: csv' and 'separator: {shown}'"
    return ""
