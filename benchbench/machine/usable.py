"""What of the machine this process may use: CPU affinity, control groups, memory; and the count of threads for that."""

from __future__ import annotations

import os
import platform
from collections.abc import Collection, Sequence
from pathlib import Path

import psutil

from benchbench.machine import cgroups
from benchbench.machine.system import read

_CPUS = Path("/sys/devices/system/cpu")


def threads(wanted: int | None = None) -> int:
    """CPU threads for an engine, for training, for the machine's peak: `wanted`, or one per core that may be used.

    Cores are physical ones, as far as affinity and a control group's quota allow. A fraction of a core is left over:
    a thread more uses up the quota before its period ends, and then the kernel halts all of them until the next one.
    """
    if wanted is not None:
        return wanted
    quota, cores = cgroups.cpu_quota(), _physical(usable_cpus())
    return max(1, cores if quota is None else min(cores, int(quota)))


def usable_cores_apart() -> Sequence[Sequence[int]]:
    """The physical cores that `threads` counts, each as the numbers of its logical ones that may be used here.

    In the order of their first number, in which neighbours mostly share a socket. Where the system does not say which
    share a core, each logical one stands for itself.
    """
    cores: dict[str, list[int]] = {}
    for cpu in sorted(usable_cpus()):
        cores.setdefault(_shared_with(cpu) or str(cpu), []).append(cpu)
    return list(cores.values())[: threads()]


def cannot_pin() -> str | None:
    """Why no process here can be kept on cores of its own; None where it can."""
    if hasattr(psutil.Process, "cpu_affinity"):
        return None
    return f"{platform.system()} has no way to keep a process on cores of its own"


def pin(cpus: Collection[int]) -> None:
    """Keep this process, and the threads that it starts from here on, on the logical cores `cpus`."""
    psutil.Process().cpu_affinity(list(cpus))


def usable_cores() -> float:
    """Logical cores that this process may use at once; a fraction when a control group's quota says so."""
    quota, allowed = cgroups.cpu_quota(), len(usable_cpus())
    return allowed if quota is None else min(allowed, quota)


def usable_cpus() -> Collection[int]:
    """The logical cores that this process may run on, by their numbers."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)


def memory_limit_bytes() -> int:
    """Memory that this process may use: all there is, or what its control groups allow."""
    there: int = psutil.virtual_memory().total
    return min(there, cgroups.memory_limit_bytes() or there)


def _shared_with(cpu: int) -> str | None:
    """The logical cores of the physical one behind `cpu`, as the system lists them; None where it does not."""
    topology = _CPUS / f"cpu{cpu}/topology"
    return read(topology / "core_cpus_list") or read(topology / "thread_siblings_list")


def _physical(cpus: Collection[int]) -> int:
    """Physical cores behind the logical `cpus`, of which several may share one."""
    shared = {_shared_with(cpu) for cpu in cpus}
    if None not in shared:
        return len(shared)
    return min(psutil.cpu_count(logical=False) or len(cpus), len(cpus))
