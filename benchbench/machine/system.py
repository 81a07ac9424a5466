"""Asking the operating system: small files and commands that may not be there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def read(path: str | Path) -> str | None:
    """The text of a file, stripped; None where it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None


def output(*command: str) -> str:
    """What a command prints; nothing where there is none or it takes longer than 5 s."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def cpuinfo() -> str:
    """What the system says about its first core, a `key: value` a line; empty where it says nothing."""
    if sys.platform == "linux":
        return (read("/proc/cpuinfo") or "").partition("\n\n")[0]
    if sys.platform == "darwin":
        return output("sysctl", "machdep.cpu.brand_string", "hw.optional", "kern.hv_vmm_present")
    return ""


def fields(text: str) -> dict[str, str]:
    """The `key: value` lines of `text`."""
    pairs = (line.partition(":") for line in text.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}
