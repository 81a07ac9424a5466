"""A record as the text of its file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from benchbench.errors import InputError
from benchbench.quantities import QUANTITIES
from benchbench.records import Record
from benchbench.runs import seal

SCHEMA = 1

_RECORD = TypeAdapter(Record)


def encode(record: Record) -> str:
    """A record as JSON text: its fields, the schema number, each measurement's unit, and a hash over all of it."""
    content: dict[str, Any] = {"schema": SCHEMA, **_RECORD.dump_python(record, mode="json")}
    for measurement in content["findings"]["measurements"]:
        measurement["unit"] = QUANTITIES[measurement["quantity"]].unit
    return seal.sealed(content)


def decode(text: str, path: Path) -> Record:
    """The record in `text`. Raises `InputError`, naming `path`, when it is damaged or of another schema."""
    try:
        content = seal.opened(text)
        if content.pop("schema") != SCHEMA:
            raise seal.BrokenSeal
    except seal.BrokenSeal:
        raise InputError(f"{path} does not match its hash or schema; remove it and run the suite again") from None
    except (ValueError, KeyError):
        raise InputError(f"{path} is not a record; remove it and run the suite again") from None
    try:
        for measurement in content["findings"]["measurements"]:
            measurement.pop("unit")
        return _RECORD.validate_python(content)
    except (ValidationError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not a valid record: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).replace("\n", " ")[:200]
