"""What this machine is, as far as it bears on a measurement. Never user names, host names, paths or environment."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchbench.machine import cgroups, system
from benchbench.machine.isa import extensions
from benchbench.machine.usable import memory_limit_bytes, usable_cores

_IDENTITY = ("cpu_model", "architecture", "physical_cores", "logical_cores", "usable_cores", "isa", "ram_gib", "gpus")


@dataclass(frozen=True, slots=True)
class Machine:
    """What a record says about the machine it was made on; None or empty where the system does not say.

    `usable_cores`: logical cores that this process may use at once: affinity and, on Linux, `cpu_quota`, the cores that
    its control groups allow, None without a quota. `isa`: the vector and matrix extensions that decide a model's speed.
    `ram_gib`: rounded; `memory_limit_gib`: what control groups allow of it. `gpus`: names, NVIDIA only.
    `governor`: frequency policy of the first core. `rapl`, `nvml`: whether CPU and GPU power can be metered by this
    process.
    """

    cpu_model: str = ""
    architecture: str = ""
    physical_cores: int | None = None
    logical_cores: int | None = None
    usable_cores: float | None = None
    cpu_quota: float | None = None
    isa: tuple[str, ...] = ()
    ram_gib: int | None = None
    memory_limit_gib: float | None = None
    gpus: tuple[str, ...] = ()
    os: str = ""
    kernel: str = ""
    governor: str | None = None
    virtualised: bool | None = None
    rapl: bool = False
    nvml: bool = False


def machine_here() -> Machine:
    """The facts of the machine that this process runs on, in well under a second."""
    text = system.cpuinfo()
    gpus = _gpus()
    memory, limit = psutil.virtual_memory().total, memory_limit_bytes()
    return Machine(
        cpu_model=_cpu_model(text),
        architecture=platform.machine(),
        physical_cores=psutil.cpu_count(logical=False),
        logical_cores=psutil.cpu_count(),
        usable_cores=usable_cores(),
        cpu_quota=cgroups.cpu_quota(),
        isa=extensions(text),
        ram_gib=round(memory / 2**30),
        memory_limit_gib=round(limit / 2**30, 2) if limit < memory else None,
        gpus=tuple(gpus or ()),
        os=_os_name(),
        kernel=platform.release(),
        governor=system.read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        virtualised=_virtualised(text),
        rapl=_rapl(),
        nvml=gpus is not None,
    )


def machine_id(machine: Machine) -> str:
    """Twelve hexadecimal digits that two machines share when their hardware is alike; a new kernel keeps them."""
    identity = json.dumps({key: getattr(machine, key) for key in _IDENTITY}, sort_keys=True)
    return hashlib.sha256(identity.encode()).hexdigest()[:12]


def _cpu_model(text: str) -> str:
    fields = system.fields(text)
    for key in ("model name", "machdep.cpu.brand_string", "Model", "cpu"):
        if fields.get(key):
            return fields[key]
    if "CPU part" in fields:  # ARM servers name themselves by numbers
        return f"ARM implementer {fields.get('CPU implementer', '?')} part {fields['CPU part']}"
    return platform.processor() or platform.machine()


def _virtualised(text: str) -> bool | None:
    fields = system.fields(text)
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
