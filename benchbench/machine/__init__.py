"""The machine: what a record says about it, and what of it this process may use."""

from benchbench.machine.facts import Machine, machine_here, machine_id
from benchbench.machine.isa import Precision, lacks
from benchbench.machine.usable import (
    cannot_pin,
    memory_limit_bytes,
    pin,
    threads,
    usable_cores,
    usable_cores_apart,
    usable_cpus,
)

__all__ = [
    "Machine",
    "Precision",
    "cannot_pin",
    "lacks",
    "machine_here",
    "machine_id",
    "memory_limit_bytes",
    "pin",
    "threads",
    "usable_cores",
    "usable_cores_apart",
    "usable_cpus",
]
