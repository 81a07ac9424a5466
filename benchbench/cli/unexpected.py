"""An error that nobody foresaw: one line for the person, its details in a file."""

from __future__ import annotations

import platform
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

import benchbench
from benchbench.errors import one_line


def explain(error: BaseException) -> str:
    """One line that says what happened and where the details are, which are written by this call."""
    return f"unexpected {one_line(error)}; please report it with the details in {_write(error)}"


def _write(error: BaseException) -> str:
    now = datetime.now(UTC)
    versions = f"benchbench {benchbench.__version__}, Python {platform.python_version()}, {platform.platform()}"
    text = "\n".join((versions, now.isoformat(timespec="seconds"), *traceback.format_exception(error)))
    for folder in _folders():
        path = folder / f"error-{now:%Y%m%dT%H%M%S%f}.txt"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        return str(path)
    print(text, file=sys.stderr)
    return "the lines above (no folder can be written)"


def _folders() -> tuple[Path, ...]:
    """This user's log folder, or where that cannot be written the system's for temporary files."""
    from platformdirs import user_log_path

    return user_log_path("benchbench", appauthor=False), Path(tempfile.gettempdir()) / "benchbench"
