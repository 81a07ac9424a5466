"""The memory of an accelerator, as its own software and driver count it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeviceMemory:
    """One reading, in bytes; None is what nothing here can say.

    `allocated`: what the engine holds. `peak`: the most that it held since the reading before this one. `reserved`:
    what its allocator keeps from others, free blocks included. `used`: the driver's count for the whole device, which
    has the context and other processes in it.
    """

    allocated: int | None = None
    peak: int | None = None
    reserved: int | None = None
    used: int | None = None
