"""SHA256SUMS of a run folder: every file with its hash, as `sha256sum -c` reads them.

The first line is a comment with the hash of the others, so that a changed byte in the list itself is told apart from
one in a file that it names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchbench.errors import InputError
from benchbench.runs import atomic

NAME = "SHA256SUMS"
_COMMENT = "# sha256 of the lines below: "


def write(folder: Path) -> None:
    """List every file in `folder`. Raises `InputError` when it cannot be written."""
    lines = "".join(f"{digest(path)}  {name}\n" for name, path in sorted(files(folder)))
    atomic.write_text(folder / NAME, f"{_COMMENT}{_hash(lines.encode())}\n{lines}")


def read(folder: Path) -> Mapping[str, str]:
    """The listed hashes by file name. Raises `InputError` when the list is missing or not as it was written."""
    path = folder / NAME
    try:
        first, _, lines = path.read_bytes().partition(b"\n")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; the run did not end, run the suite again") from error
    if first != (_COMMENT + _hash(lines)).encode():
        raise InputError(f"{path} is not as it was written")
    return {name: listed for listed, _, name in (line.partition("  ") for line in lines.decode().splitlines())}


def files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file in `folder` but the list, with its name relative to it."""
    for path in folder.rglob("*"):
        if path.name != NAME and (path.is_file() or path.is_symlink()):
            yield path.relative_to(folder).as_posix(), path


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
