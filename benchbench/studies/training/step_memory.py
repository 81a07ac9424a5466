"""What becomes of the memory of tensors that come and go in every step."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

# mallopt(3): the options' numbers, and the bytes up to which glibc's own rule comes once large blocks were freed
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4
_LARGEST_THRESHOLD, _USUAL_MAPPINGS = 32 * 2**20, 65_536


def keeps_memory() -> bool:
    """Whether `memory_kept` does anything: with the C library of most Linux systems."""
    return _glibc_mallopt() is not None


@contextmanager
def memory_kept() -> Iterator[None]:
    """Within this, what is freed stays with the process, for the next step.

    Else large blocks go back to the system and come again page by page, filled with zeros: a tenth of a step's time. It
    holds no more than the step that needed most. Afterwards what is free goes back.
    """
    mallopt = _glibc_mallopt()
    if mallopt is None:
        yield
        return
    mallopt(_TRIM_THRESHOLD, 2**31 - 1)
    mallopt(_MMAP_MAX, 0)
    try:
        yield
    finally:
        mallopt(_MMAP_MAX, _USUAL_MAPPINGS)
        mallopt(_MMAP_THRESHOLD, _LARGEST_THRESHOLD)
        mallopt(_TRIM_THRESHOLD, 2 * _LARGEST_THRESHOLD)
        ctypes.CDLL(None).malloc_trim(0)


def _glibc_mallopt() -> Callable[[int, int], int] | None:
    if sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"):
        return None
    return ctypes.CDLL(None).mallopt


@contextmanager
def fresh_memory_as_it_is() -> Iterator[None]:
    """Deterministic torch fills fresh memory with NaN to find reads of it, at a price; its own kernels do not do it."""
    settings: Any = torch.utils.deterministic
    before = settings.fill_uninitialized_memory
    settings.fill_uninitialized_memory = False
    try:
        yield
    finally:
        settings.fill_uninitialized_memory = before
