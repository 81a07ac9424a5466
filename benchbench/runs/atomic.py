"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from benchbench.errors import InputError

PART = ".part"


def write_bytes(path: Path, content: bytes) -> None:
    """Replace `path` by `content`: a temporary file beside it, flushed to disk, then renamed over it.

    A reader sees the old file or the new one, never a part; what a process that died left half-written is hidden and
    has `PART` in its name. Raises `InputError` when the folder cannot be written.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=PART, dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise InputError(
            f"cannot write {path}: {error.strerror}; make room, or choose another folder with --out"
        ) from error


def write_text(path: Path, content: str) -> None:
    """`write_bytes` of UTF-8 text; half a surrogate pair, which has no UTF-8, as the escape that JSON has for it."""
    write_bytes(path, content.encode(errors="backslashreplace"))


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system can (POSIX)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
