"""Which extensions of the instruction set the CPU has, in one vocabulary for every system."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Literal

from benchbench.machine import system

Precision = Literal["fp32", "tf32", "fp16", "bf16", "int8"]

_FEATURES = {
    # /proc/cpuinfo on x86 and ARM, and sysctl names of macOS, to one vocabulary
    "avx": "avx",
    "avx2": "avx2",
    "fma": "fma",
    "f16c": "f16c",
    "avx512f": "avx512f",
    "avx512_bf16": "avx512_bf16",
    "avx512_fp16": "avx512_fp16",
    "avx512_vnni": "avx512_vnni",
    "avx_vnni": "avx_vnni",
    "amx_tile": "amx_tile",
    "amx_bf16": "amx_bf16",
    "amx_fp16": "amx_fp16",
    "amx_int8": "amx_int8",
    "asimd": "neon",
    "asimdhp": "fp16",
    "asimddp": "dotprod",
    "bf16": "bf16",
    "i8mm": "i8mm",
    "sve": "sve",
    "sve2": "sve2",
    "hw.optional.neon": "neon",
    "hw.optional.arm.FEAT_FP16": "fp16",
    "hw.optional.arm.FEAT_DotProd": "dotprod",
    "hw.optional.arm.FEAT_BF16": "bf16",
    "hw.optional.arm.FEAT_I8MM": "i8mm",
    "hw.optional.avx2_0": "avx2",
    "hw.optional.avx512f": "avx512f",
}
_WINDOWS_FEATURES = {39: "avx", 40: "avx2", 41: "avx512f", 19: "neon"}  # PF_* numbers of winnt.h

_NEEDED: dict[str, tuple[str, ...]] = {
    # any one of these makes the precision worth running; without, it is emulated and slower than fp32
    "bf16": ("avx512_bf16", "amx_bf16", "bf16"),
    "fp16": ("avx512_fp16", "amx_fp16", "fp16"),
}


def lacks(precision: Precision) -> str | None:
    """Why this CPU does not run `precision` natively, in one sentence; None when it does."""
    if precision == "tf32":
        return "tf32 is a precision of NVIDIA's GPUs"
    needed = _NEEDED.get(precision, ())
    if not needed or set(needed).intersection(_here()):
        return None
    return f"this CPU has no native {precision} (one of {', '.join(needed)})"


def extensions(cpuinfo: str) -> tuple[str, ...]:
    """The vector and matrix extensions that the system lists for its first core, sorted."""
    if sys.platform == "win32":
        present = ctypes.windll.kernel32.IsProcessorFeaturePresent
        return tuple(sorted(name for number, name in _WINDOWS_FEATURES.items() if present(number)))
    fields = system.fields(cpuinfo)
    flags = set((fields.get("flags") or fields.get("Features") or "").split())
    flags |= {key for key, value in fields.items() if key.startswith("hw.optional") and value == "1"}
    return tuple(sorted({name for flag, name in _FEATURES.items() if flag in flags}))


@cache
def _here() -> tuple[str, ...]:
    return extensions(system.cpuinfo())
