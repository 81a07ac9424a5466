"""One writer at a time for a run folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from benchbench.errors import InputError


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock beside `folder`. Raises `InputError` that names the process that holds it already.

    The lock is the operating system's: it ends with its process, however that ends.
    """
    path = folder.parent / f".{folder.name}.lock"
    holder = folder.parent / f".{folder.name}.holder"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, timeout=0)
        lock.acquire()
    except Timeout:
        raise InputError(f"{folder} is in use by {_read(holder)}; wait for it, or choose another with --out") from None
    except OSError as error:
        raise InputError(f"cannot write in {folder.parent}: {error.strerror}; choose another with --out") from error
    try:
        holder.write_text(
            json.dumps({"process": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")})
        )
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _read(holder: Path) -> str:
    try:
        facts = json.loads(holder.read_text())
        return f"process {facts['process']} since {facts['since']}"
    except (OSError, ValueError, KeyError):
        return "another process"
