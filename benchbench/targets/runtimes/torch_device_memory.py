"""What PyTorch knows of an accelerator's memory."""

from __future__ import annotations

import torch

from benchbench.machine.device_memory import DeviceMemory


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
