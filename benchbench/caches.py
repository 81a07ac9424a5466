"""Where this user's caches lie, what they hold, and how they are emptied. What is in them can always be made again."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from benchbench.errors import InputError, one_line

_LOCK = ".lock"


def caches() -> Mapping[str, Path]:
    """The folder of each cache, by what it holds; it may not exist yet."""
    return {
        "prepared models": prepared(),
        "exported models": exported(),
        "counted FLOPs": counts(),
        "random weights": weights(),
        "tokenised tasks": tokens(),
    }


def check() -> None:
    """Raise `InputError` where this user's caches cannot be written, before anything is measured."""
    folder = _folder()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        raise _unwritable(folder, f"{there} is a file")
    if not os.access(there, os.W_OK | os.X_OK):
        raise _unwritable(folder, f"{there} is not writable")


def prepared() -> Path:
    """Where models lie as the runtimes prepared them."""
    return _folder() / "prepared"


def exported() -> Path:
    """Where models with random weights lie as ONNX, which several runtimes read."""
    return _folder() / "exported"


def counts() -> Path:
    """Where FLOPs lie as they were counted."""
    return _folder() / "counts"


def weights() -> Path:
    """Where random weights lie as they were drawn, which several targets read."""
    return _folder() / "weights"


def tokens() -> Path:
    """Where tasks lie as the tokenizers cut them."""
    return _folder() / "tokens"


def code_of(*rooms: str) -> str:
    """A hash of the Python files of these packages: in the key of what they make, so that other code's is never read.

    `rooms`: packages by name, such as 'benchbench.models'; those in them do not count.
    """
    digest = hashlib.sha256()
    for room in rooms:
        for file in sorted(files(room).iterdir(), key=lambda file: file.name):
            if file.name.endswith(".py"):
                digest.update(file.read_bytes())
    return digest.hexdigest()


def size_bytes(folder: Path) -> int:
    """All files under `folder` together; 0 where it does not exist."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


@contextmanager
def locked(folder: Path, timeout_seconds: float = -1) -> Iterator[None]:
    """Be the only one who fills or empties the cache `folder`, which is made if need be; a negative timeout waits on.

    Raises `InputError` where another process still has it after `timeout_seconds`, and where it cannot be written.
    """
    lock = FileLock(folder / _LOCK, timeout=timeout_seconds)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise InputError(f"{folder} is being filled by another run; try again when that has ended") from None
    except OSError as error:
        raise _unwritable(folder, error.strerror or one_line(error)) from error
    try:
        yield
    finally:
        lock.release()


def clear(folder: Path) -> None:
    """Remove what is in the cache `folder`. Raises `InputError` while another process fills it."""
    if not folder.exists():
        return
    with locked(folder, timeout_seconds=0):
        for entry in folder.iterdir():
            if entry.name == _LOCK:  # others may be waiting for it
                continue
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def _unwritable(folder: Path, reason: str) -> InputError:
    return InputError(
        f"cannot write the cache {folder}: {reason}; name another folder, as in XDG_CACHE_HOME=/tmp/cache"
    )


def _folder() -> Path:
    return user_cache_path("benchbench", appauthor=False)
