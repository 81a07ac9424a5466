"""Text files as numbered lines, with errors that name the line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchbench.errors import InputError

LONGEST_LINE_BYTES = 1_000_000  # longer than any example can be: such a file is something else


def lines(path: Path, hint: str) -> Iterator[tuple[int, str]]:
    """Every line with its number from 1, without line end and byte order mark; empty lines too.

    Raises `InputError` with file and line for bytes that are not UTF-8 and for a line of more than a megabyte;
    `hint` says what to do about a file that cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; {hint}") from error
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if len(raw) > LONGEST_LINE_BYTES:
            raise InputError(f"{path}, line {number}: {len(raw):,} bytes are too long for an example; split the line")
        try:
            yield number, raw.decode().removesuffix("\r")
        except UnicodeDecodeError:
            raise InputError(f"{path}, line {number}: not UTF-8; save the file as UTF-8") from None
