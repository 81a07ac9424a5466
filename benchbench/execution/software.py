"""Where a record comes from: versions, hashes, the machine. Never environment variables, user names or home paths."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path

import benchbench


def library_versions() -> Mapping[str, str]:
    """Every installed distribution with its version, and Python's own."""
    found = {d.metadata["Name"]: d.version for d in distributions() if d.metadata["Name"]}
    return {"python": platform.python_version(), **dict(sorted(found.items(), key=lambda item: item[0].lower()))}


def git_commit() -> str | None:
    """The commit of the checkout that this package runs from, '+changes' when files differ; None outside a checkout."""
    root = Path(benchbench.__file__).parent.parent
    if not (root / ".git").exists():
        return None
    try:
        commit = _git(root, "rev-parse", "HEAD")
        return f"{commit}+changes" if _git(root, "status", "--porcelain", "--untracked-files=no") else commit
    except (OSError, subprocess.SubprocessError):
        return None


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=10, check=True)
    return done.stdout.strip()
