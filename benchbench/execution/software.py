"""Where a record comes from: versions, hashes, the machine. Never environment variables, user names or home paths."""

from __future__ import annotations

import platform
import re
import subprocess
from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path

import benchbench

_ROOT = Path(benchbench.__file__).parent.parent
"""Of the checkout, where the package runs from one."""


def library_versions() -> Mapping[str, str]:
    """Every installed distribution with its version, and Python's own."""
    described = (distribution.metadata for distribution in distributions())  # each time that it is asked for it is read
    found = {metadata["Name"]: metadata["Version"] for metadata in described if metadata["Name"]}
    return {"python": platform.python_version(), **dict(sorted(found.items(), key=lambda item: item[0].lower()))}


def pins_not_kept(installed: Mapping[str, str]) -> Mapping[str, str]:
    """The versions that this checkout's constraints.txt names, of the `installed` libraries that have another.

    A build of the same version (2.13.0+cpu for 2.13.0) keeps its pin. Empty outside a checkout.
    """
    file = _ROOT / "constraints.txt"
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    pins = dict(line.strip().split("==") for line in lines if "==" in line and not line.startswith("#"))
    named = {_normal(name): version for name, version in pins.items()}
    pinned = {name: named.get(_normal(name)) for name in installed}
    return {name: pin for name, pin in pinned.items() if pin and installed[name].partition("+")[0] != pin}


def git_commit() -> str | None:
    """The commit of the checkout that this package runs from, '+changes' when files differ; None outside a checkout."""
    if not (_ROOT / ".git").exists():
        return None
    try:
        commit = _git("rev-parse", "HEAD")
        return f"{commit}+changes" if _git("status", "--porcelain", "--untracked-files=no") else commit
    except (OSError, subprocess.SubprocessError):
        return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(_ROOT), *arguments], capture_output=True, text=True, timeout=10, check=True)
    return done.stdout.strip()
