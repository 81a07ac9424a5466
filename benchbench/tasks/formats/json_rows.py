"""Rows as JSON: an object a line, an array of objects, or such an array under the key 'data'."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchbench.errors import InputError
from benchbench.tasks.formats.plain_text import content, lines

_HINT = "give an object a line, an array of objects, or {'data': [objects]}"

Row = tuple[str, dict[str, Any]]
"""File and line (or row), and the values by column."""


def lines_of_objects(path: Path, encoding: str) -> Iterator[Row]:
    """The rows of JSON lines. Raises `InputError` with file and line for what is not an object."""
    for number, line in lines(path, _HINT, encoding):
        if line.strip():
            where = f"{path}, line {number}"
            yield where, _object(_parsed(line, where), where)


def read(path: Path, encoding: str) -> Iterator[Row]:
    """The rows of a file in any of the three forms. Raises `InputError` with file and line or row."""
    document = _document(path, encoding)
    if document is None:
        yield from lines_of_objects(path, encoding)
        return
    if isinstance(document, dict):
        document = document.get("data")
    if not isinstance(document, list):
        raise InputError(f"{path} is JSON without rows; {_HINT}")
    for number, value in enumerate(document, start=1):
        where = f"{path}, row {number}"
        yield where, _object(value, where)


def holds_questions(path: Path, encoding: str) -> bool:
    """Whether a JSON file has SQuAD's layout: articles with paragraphs under the key 'data'."""
    document = _document(path, encoding)
    articles = document.get("data") if isinstance(document, dict) else None
    return isinstance(articles, list) and any(isinstance(row, dict) and "paragraphs" in row for row in articles)


def _document(path: Path, encoding: str) -> Any:
    """The whole file as one value; None where it is one object a line, or an object that is itself a row."""
    text = content(path, _HINT, encoding)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        if text.lstrip()[:1] == "{" and error.msg == "Extra data":
            return None
        raise InputError(f"{path}, line {error.lineno}: not JSON: {error.msg}; {_HINT}") from None
    except (ValueError, RecursionError) as error:  # a number of too many digits, lists in lists in lists
        raise InputError(f"{path}: not JSON: {str(error)[:100]}") from None
    is_row = isinstance(found, dict) and found and not any(isinstance(value, list | dict) for value in found.values())
    return None if is_row else found


def _parsed(line: str, where: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON: {str(error)[:100]}") from None


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{where}: a {type(value).__name__}, not an object with named values")
    return value
