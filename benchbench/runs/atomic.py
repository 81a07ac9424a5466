"""Writing a file, or a folder of files, whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
        _sync(path.parent)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise InputError(
            f"cannot write {path}: {error.strerror}; make room, or choose another folder with --out"
        ) from error


def write_text(path: Path, content: str) -> None:
    """`write_bytes` of UTF-8 text; half a surrogate pair, which has no UTF-8, as the escape that JSON has for it."""
    write_bytes(path, content.encode(errors="backslashreplace"))


@contextmanager
def folder(path: Path) -> Iterator[Path]:
    """An empty folder beside `path`, which takes its place once it is filled and on disk; on an error it is removed.

    What a process that died left is hidden and has `PART` in its name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    filled = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}.", suffix=PART, dir=path.parent))
    try:
        yield filled
        for file in filled.rglob("*"):
            _sync(file)
        filled.chmod(0o755)
        if path.exists():
            shutil.rmtree(path)
        filled.rename(path)
        _sync(path.parent)
    except BaseException:
        remove(filled)
        raise


def remove(path: Path) -> None:
    """Remove a file or folder, as far as that can be done."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Make what lies at `path`, or a rename in it, durable, where the system can (POSIX)."""
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
