"""Text files as numbered lines, with errors that name the line and guess the encoding."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchbench.errors import InputError

LONGEST_LINE = 1_000_000  # characters: longer than any example can be; such a file is something else
UTF_8 = "utf-8"
_BYTE_ORDER_MARK = "\ufeff"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def lines(path: Path, hint: str, encoding: str = UTF_8) -> Iterator[tuple[int, str]]:
    """Every line with its number from 1, without line end and byte order mark; empty lines too.

    Raises `InputError` as `content` does, and with file and line for a line of more than a million characters.
    """
    for number, line in enumerate(content(path, hint, encoding).split("\n"), start=1):
        if len(line) > LONGEST_LINE:
            raise InputError(f"{path}, line {number}: {len(line):,} characters are too long for an example; split it")
        yield number, line.removesuffix("\r")


def content(path: Path, hint: str, encoding: str = UTF_8) -> str:
    """The whole text, without byte order mark.

    Raises `InputError` for a file that cannot be read (`hint` says what to do about it), and with the line for bytes
    that are not text in `encoding`; the message says which encoding the file seems to have.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; {hint}") from error
    try:
        text = raw.decode(encoding).removeprefix(_BYTE_ORDER_MARK)
    except UnicodeError as error:
        line = raw.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise InputError(f"{path}, line {line}: not {encoding.upper()}; {_advice(raw, encoding)}") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"{path}, line {line}: a zero byte; {_advice(raw, encoding)}")
    if encoding.lower() != UTF_8 and not text.isascii() and _is_utf_8(raw):
        raise InputError(f"{path} is not in {encoding} but in UTF-8, which is what is read without 'encoding'")
    return text


def _advice(raw: bytes, encoding: str) -> str:
    if encoding.lower() != UTF_8:
        return "name the encoding that the file has, or save it as UTF-8"
    guess = _guess(raw)
    return f"it looks like {guess}: save it as UTF-8, or say 'encoding: {guess}' for a task of your own"


def _is_utf_8(raw: bytes) -> bool:
    try:
        return "\0" not in raw.decode()
    except UnicodeDecodeError:
        return False


def _guess(raw: bytes) -> str:
    """What a file that is not UTF-8 may be; a text of two bytes a character has many zeros, windows-1252 more signs."""
    if raw.startswith(_UTF_16_MARKS):
        return "utf-16"
    if b"\0" in raw:
        return "utf-16-le" if b"\0" in raw[1:2] else "utf-16-be"
    return "windows-1252" if any(byte in raw for byte in range(0x80, 0xA0)) else "latin-1"
