"""What the CPU can do, as far as a runtime's choice depends on it."""

from __future__ import annotations

import os
import platform
import subprocess
from functools import cache
from pathlib import Path

import psutil

from benchbench.targets.protocol import Precision, Target

_NEEDED: dict[str, tuple[str, ...]] = {
    # any one of these makes the precision worth running; without, it is emulated and slower than fp32
    "bf16": ("avx512_bf16", "amx_bf16", "bf16", "FEAT_BF16"),
    "fp16": ("avx512_fp16", "amx_fp16", "fphp", "asimdhp", "FEAT_FP16"),
}


@cache
def features() -> frozenset[str]:
    """Names of the instruction set's extensions as the system gives them; empty where it does not say."""
    if platform.system() == "Darwin":
        listing = _sysctl()
        names = (line.partition(":") for line in listing.splitlines())
        return frozenset(name.rpartition(".")[2] for name, _, value in names if value.strip() == "1")
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset()
    lines = (line.partition(":") for line in text.splitlines())
    return next(
        (frozenset(flags.split()) for key, _, flags in lines if key.strip() in ("flags", "Features")), frozenset()
    )


def lacks(precision: Precision) -> str | None:
    """Why this CPU does not run `precision` natively, in one sentence; None when it does."""
    needed = _NEEDED.get(precision, ())
    if not needed or features().intersection(needed):
        return None
    return f"this CPU has no native {precision} (one of {', '.join(needed)})"


def threads(target: Target) -> int:
    """CPU threads for `target`: what it asks for, or one per physical core that this process may use."""
    if target.threads is not None:
        return target.threads
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(psutil.cpu_count(logical=False) or allowed, allowed))


def _sysctl() -> str:
    try:
        return subprocess.run(["sysctl", "hw.optional"], capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
