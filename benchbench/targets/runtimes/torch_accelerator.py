"""What PyTorch knows of an accelerator: its memory, and the parts of a query by events on its stream."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import torch

from benchbench.machine.device_memory import DeviceMemory
from benchbench.machine.query_parts import QueryParts


def read(device: str) -> DeviceMemory | None:
    """A reading of `device`; a new peak begins. None for a CPU."""
    if device.startswith("cuda"):
        return _cuda(device)
    if device == "mps":
        return DeviceMemory(torch.mps.current_allocated_memory(), used=torch.mps.driver_allocated_memory())
    return None


def used_bytes(device: str) -> int | None:
    """The driver's count for the whole of an NVIDIA GPU; None where this PyTorch cannot ask."""
    if not torch.cuda.is_available():
        return None
    free, whole = torch.cuda.mem_get_info(device)
    return whole - free


def _cuda(device: str) -> DeviceMemory:
    found = DeviceMemory(
        allocated=torch.cuda.memory_allocated(device),
        peak=torch.cuda.max_memory_allocated(device),
        reserved=torch.cuda.memory_reserved(device),
        used=used_bytes(device),
    )
    torch.cuda.reset_peak_memory_stats(device)
    return found


class Event(Protocol):
    """As `torch.cuda.Event`."""

    def record(self) -> None: ...

    def synchronize(self) -> None: ...

    def elapsed_time(self, other: Any) -> float:
        """In ms, until `other`."""
        ...


def parts(
    to_device: Callable[[], Any],
    compute: Callable[[Any], Any],
    to_host: Callable[[Any], Any],
    event: Callable[[], Event],
) -> QueryParts:
    """Run the three one after the other, with an event before, between and behind them."""
    begun, there, computed, back = (event() for _ in range(4))
    begun.record()
    inputs = to_device()
    there.record()
    output = compute(inputs)
    computed.record()
    to_host(output)
    back.record()
    back.synchronize()
    return QueryParts(begun.elapsed_time(there), there.elapsed_time(computed), computed.elapsed_time(back))


def cuda_event() -> Event:
    return torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
