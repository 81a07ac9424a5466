"""Records and manifests as the text of their files, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from benchbench.errors import InputError, one_line
from benchbench.quantities import QUANTITIES
from benchbench.records import Manifest, Record
from benchbench.runs import seal

SCHEMA = 3

_RECORD = TypeAdapter(Record)
_MANIFEST = TypeAdapter(Manifest)
_AGAIN = "remove it and run the suite again"


def encode(record: Record) -> str:
    """A record as JSON text: its fields, the schema number, each measurement's unit, and a hash over all of it."""
    content: dict[str, Any] = {"schema": SCHEMA, **_RECORD.dump_python(record, mode="json")}
    for measurement in content["findings"]["measurements"]:
        measurement["unit"] = QUANTITIES[measurement["quantity"]].unit
    return seal.sealed(content)


def decode(text: str, path: Path) -> Record:
    """The record in `text`. Raises `InputError`, naming `path`, when it is damaged or of another schema."""
    content = _opened(text, path)
    try:
        for measurement in content["findings"]["measurements"]:
            measurement.pop("unit")
        return _RECORD.validate_python(content)
    except (ValidationError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not a valid record: {one_line(error, 200)}; {_AGAIN}") from error


def encode_manifest(manifest: Manifest) -> str:
    """A manifest as JSON text, sealed as records are."""
    return seal.sealed({"schema": SCHEMA, **_MANIFEST.dump_python(manifest, mode="json")})


def decode_manifest(text: str, path: Path) -> Manifest:
    """The manifest in `text`. Raises `InputError`, naming `path`, when it is damaged or of another schema."""
    try:
        return _MANIFEST.validate_python(_opened(text, path))
    except ValidationError as error:
        raise InputError(f"{path} is not a valid manifest: {one_line(error, 200)}; {_AGAIN}") from error


def _opened(text: str, path: Path) -> dict[str, Any]:
    try:
        content = seal.opened(text)
    except seal.BrokenSeal:
        raise InputError(f"{path} does not match its hash; {_AGAIN}") from None
    except ValueError as error:
        raise InputError(f"{path} cannot be read: {one_line(error, 200)}; {_AGAIN}") from error
    found = content.pop("schema", None)
    if found != SCHEMA:
        raise InputError(f"{path} has schema {str(found)[:20]}, not {SCHEMA}: another version wrote it; {_AGAIN}")
    return content
