"""What this machine is, as far as it bears on a measurement. Never user names, host names, paths or environment."""

from __future__ import annotations

import ctypes
import hashlib
import importlib
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

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

_IDENTITY = ("cpu_model", "architecture", "physical_cores", "logical_cores", "usable_cores", "isa", "ram_gib", "gpus")


@dataclass(frozen=True, slots=True)
class Machine:
    """What a record says about the machine it was made on; None or empty where the system does not say.

    `usable_cores`: what this process may use at once: affinity and, on Linux, the control group's quota. `isa`: the
    vector and matrix extensions that decide a model's speed. `ram_gib`: rounded. `gpus`: names, NVIDIA only.
    `governor`: frequency policy of the first core. `rapl`, `nvml`: whether CPU and GPU power can be metered by this
    process.
    """

    cpu_model: str = ""
    architecture: str = ""
    physical_cores: int | None = None
    logical_cores: int | None = None
    usable_cores: float | None = None
    isa: tuple[str, ...] = ()
    ram_gib: int | None = None
    gpus: tuple[str, ...] = ()
    os: str = ""
    kernel: str = ""
    governor: str | None = None
    virtualised: bool | None = None
    rapl: bool = False
    nvml: bool = False


def machine_here() -> Machine:
    """The facts of the machine that this process runs on, in well under a second."""
    text = _cpuinfo()
    gpus = _gpus()
    return Machine(
        cpu_model=_cpu_model(text),
        architecture=platform.machine(),
        physical_cores=psutil.cpu_count(logical=False),
        logical_cores=psutil.cpu_count(),
        usable_cores=usable_cores(),
        isa=tuple(_isa(text)),
        ram_gib=round(psutil.virtual_memory().total / 2**30),
        gpus=tuple(gpus or ()),
        os=_os_name(),
        kernel=platform.release(),
        governor=_read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        virtualised=_virtualised(text),
        rapl=_rapl(),
        nvml=gpus is not None,
    )


def machine_id(machine: Machine) -> str:
    """Twelve hexadecimal digits that two machines share when their hardware is alike; a new kernel keeps them."""
    identity = json.dumps({key: getattr(machine, key) for key in _IDENTITY}, sort_keys=True)
    return hashlib.sha256(identity.encode()).hexdigest()[:12]


def usable_cores() -> float:
    """CPU cores that this process may use at once; a fraction when a control group's quota says so."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, _, period = (_read("/sys/fs/cgroup/cpu.max") or "max").partition(" ")
    if quota == "max":
        return allowed
    return min(allowed, int(quota) / int(period))


def _cpuinfo() -> str:
    """What the system says about its first core: the text that the other functions read."""
    if sys.platform == "linux":
        return (_read("/proc/cpuinfo") or "").partition("\n\n")[0]
    if sys.platform == "darwin":
        names = ("machdep.cpu.brand_string", "hw.optional", "kern.hv_vmm_present")
        return _output("sysctl", *names)
    return ""


def _fields(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _cpu_model(text: str) -> str:
    fields = _fields(text)
    for key in ("model name", "machdep.cpu.brand_string", "Model", "cpu"):
        if fields.get(key):
            return fields[key]
    if "CPU part" in fields:  # ARM servers name themselves by numbers
        return f"ARM implementer {fields.get('CPU implementer', '?')} part {fields['CPU part']}"
    return platform.processor() or platform.machine()


def _isa(text: str) -> list[str]:
    if sys.platform == "win32":
        present = ctypes.windll.kernel32.IsProcessorFeaturePresent
        return sorted(name for number, name in _WINDOWS_FEATURES.items() if present(number))
    fields = _fields(text)
    flags = set((fields.get("flags") or fields.get("Features") or "").split())
    flags |= {key for key, value in fields.items() if key.startswith("hw.optional") and value == "1"}
    return sorted({name for flag, name in _FEATURES.items() if flag in flags})


def _virtualised(text: str) -> bool | None:
    fields = _fields(text)
    if "flags" in fields:
        return "hypervisor" in fields["flags"].split()
    if "kern.hv_vmm_present" in fields:
        return fields["kern.hv_vmm_present"] == "1"
    return True if Path("/sys/hypervisor/type").exists() else None


def _os_name() -> str:
    if sys.platform == "linux":
        try:
            return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
        except OSError:
            return "Linux"
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    return f"{platform.system()} {platform.release()}"


def _gpus() -> list[str] | None:
    """Names of the NVIDIA GPUs, by NVML; None where NVML does not answer."""
    try:
        nvml: Any = importlib.import_module("pynvml")
        nvml.nvmlInit()
    except Exception:  # no library, no driver, no permission: all of them mean that there is nothing to ask
        return None
    try:
        handles = [nvml.nvmlDeviceGetHandleByIndex(i) for i in range(nvml.nvmlDeviceGetCount())]
        names = [nvml.nvmlDeviceGetName(handle) for handle in handles]
        return [name.decode() if isinstance(name, bytes) else name for name in names]
    finally:
        nvml.nvmlShutdown()


def _rapl() -> bool:
    """Whether this process may read a RAPL energy counter (Linux; readable by root alone on most systems)."""
    return any(os.access(file, os.R_OK) for file in Path("/sys/class/powercap").glob("intel-rapl:*/energy_uj"))


def _read(path: str) -> str | None:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return None


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
