"""Memory that a model takes in this process: its weights, its activations and its peak, in bytes of resident memory.

Meant for a fresh process: what an earlier model left behind would count as part of the baseline. Everything that is
not the model (imports, thread pools) must be in memory before `profile` is called.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import psutil

from benchbench.errors import Missing
from benchbench.machine.device_memory import DeviceMemory

Method = Literal["kernel", "sampled"]
T = TypeVar("T")

_UNTOLD = Missing("the engine does not tell it of this device")
_SAMPLING_SECONDS = 0.002
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_HELD_BYTES = 128 * 2**10  # where glibc starts (mallopt(3))
_GROWN_BYTES = 32 * 2**20  # as far as it raises the limit by itself
_RESET_HIGH_WATER_MARK = "5"  # proc(5), /proc/[pid]/clear_refs


@dataclass(frozen=True, slots=True)
class DeviceMemoryProfile:
    """What an accelerator's own software counts, over its reading before the model was loaded.

    `weights_bytes`: held after loading. `peak_bytes`: the most held while running. `activation_bytes`: the difference.
    `reserved_bytes`, `used_bytes`: after running, by the allocator and by the driver, whole (see `DeviceMemory`).
    """

    weights_bytes: int | Missing
    activation_bytes: int | Missing
    peak_bytes: int | Missing
    reserved_bytes: int | Missing
    used_bytes: int | Missing

    @classmethod
    def of(cls, before: DeviceMemory, loaded: DeviceMemory, ran: DeviceMemory) -> DeviceMemoryProfile:
        return cls(
            weights_bytes=_growth(before.allocated, loaded.allocated),
            activation_bytes=_growth(loaded.allocated, ran.peak),
            peak_bytes=_growth(before.allocated, ran.peak),
            reserved_bytes=_UNTOLD if ran.reserved is None else ran.reserved,
            used_bytes=_UNTOLD if ran.used is None else ran.used,
        )


@dataclass(frozen=True, slots=True)
class MemoryProfile:
    """Growth over `baseline_bytes`, the resident memory before loading.

    `weights_bytes`: after loading, once temporaries are returned to the system. `load_peak_bytes`: the highest while
    loading. `activation_bytes`: what running adds to the weights at its highest, engines' work buffers included.
    `peak_bytes`: the highest while running, weights included. `sampled_peak_bytes`: the same as a thread saw it, every
    2 ms: a check, never higher by more than the kernel's own rounding. `device`: the accelerator's memory; None on a
    CPU. `method`: 'kernel' (its high-water mark) or, where that cannot be reset (not Linux), 'sampled'.
    """

    baseline_bytes: int
    weights_bytes: int
    load_peak_bytes: int
    activation_bytes: int
    peak_bytes: int
    sampled_peak_bytes: int
    device: DeviceMemoryProfile | None
    method: Method

    @property
    def peak_where_it_runs_bytes(self) -> int | Missing:
        """The accelerator's peak, or without one the process's."""
        return self.peak_bytes if self.device is None else self.device.peak_bytes

    @property
    def said(self) -> str:
        """Whose memory that is, for a record."""
        return f"resident growth, {self.method}" if self.device is None else "device memory"


def profile(
    load: Callable[[], T],
    run: Callable[[T], object],
    repeats: int = 3,
    device: Callable[[], DeviceMemory | None] = lambda: None,
) -> MemoryProfile:
    """Load a model, run it `repeats` times, and say what that took of memory.

    `device` reads an accelerator's memory, which works before the model is loaded too.
    The first runs may keep more than later ones (packed weights, caches), so all of them count towards the peak.
    """
    with _freed_at_once():
        baseline, before = settled_bytes(), device()
        with _peak() as loading:
            model = load()
        loaded = device()
        settled = settled_bytes()
        with _peak() as running:
            for _ in range(repeats):
                run(model)
        ran = device()
    return MemoryProfile(
        baseline_bytes=baseline,
        weights_bytes=settled - baseline,
        load_peak_bytes=loading.peak_bytes - baseline,
        activation_bytes=running.peak_bytes - settled,
        peak_bytes=running.peak_bytes - baseline,
        sampled_peak_bytes=running.sampled_bytes - baseline,
        device=DeviceMemoryProfile.of(before, loaded, ran) if before and loaded and ran else None,
        method=running.method,
    )


def _growth(before: int | None, after: int | None) -> int | Missing:
    return _UNTOLD if before is None or after is None else after - before


def resident_bytes() -> int:
    """Resident memory of this process now. Exact on Linux, where the cheaper counters lag by some pages a thread."""
    text = _read("/proc/self/smaps_rollup")
    if text:
        return _kibibytes(text, "Rss:") * 1024
    return int(psutil.Process().memory_info().rss)


def proportional_bytes() -> int:
    """Memory of this process now, what several processes have in common shared among them; elsewhere than on Linux,
    all that is resident.
    """
    text = _read("/proc/self/smaps_rollup")
    return _kibibytes(text, "Pss:") * 1024 if text else resident_bytes()


def settled_bytes() -> int:
    """`resident_bytes` once garbage is collected and free memory is back with the system (glibc's `malloc_trim`)."""
    gc.collect()
    if _has_glibc():
        ctypes.CDLL(None).malloc_trim(0)
    return resident_bytes()


def reset_high_water_mark() -> bool:
    """Set the kernel's peak of this process back to what is resident now; False where the system cannot (not Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text(_RESET_HIGH_WATER_MARK)
    except OSError:
        return False
    return True


def high_water_mark_bytes() -> int:
    """The kernel's peak of this process's resident memory since the last reset (Linux)."""
    return _kibibytes(Path("/proc/self/status").read_text(), "VmHWM:") * 1024


@dataclass
class _Peaks:
    method: Method = "sampled"
    peak_bytes: int = 0
    sampled_bytes: int = 0


@contextmanager
def _peak() -> Iterator[_Peaks]:
    """The highest resident memory while the body runs, by the kernel where it can and by a sampling thread."""
    peaks = _Peaks("kernel" if reset_high_water_mark() else "sampled")
    stop = threading.Event()
    thread = threading.Thread(target=_sample, args=(peaks, stop), daemon=True)
    thread.start()
    try:
        yield peaks
    finally:
        stop.set()
        thread.join()
        peaks.sampled_bytes = max(peaks.sampled_bytes, resident_bytes())
        kernel = high_water_mark_bytes() if peaks.method == "kernel" else 0
        peaks.peak_bytes = max(kernel, peaks.sampled_bytes)


@contextmanager
def _freed_at_once() -> Iterator[None]:
    """glibc's allocator returning every large buffer to the system as soon as it is freed.

    By itself it raises that limit as it goes and keeps freed buffers, so that the peak depends on the order in which
    threads happened to free: activations then differ by a quarter from run to run, and by 2 % with the limit held.
    Afterwards the limits stand where they end up in any busy process.
    """
    if not _has_glibc():
        yield
        return
    set_option = ctypes.CDLL(None).mallopt
    set_option(_M_MMAP_THRESHOLD, _HELD_BYTES)
    set_option(_M_TRIM_THRESHOLD, _HELD_BYTES)
    try:
        yield
    finally:
        set_option(_M_MMAP_THRESHOLD, _GROWN_BYTES)
        set_option(_M_TRIM_THRESHOLD, 2 * _GROWN_BYTES)


def _has_glibc() -> bool:
    return sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim")


def _sample(peaks: _Peaks, stop: threading.Event) -> None:
    process = psutil.Process()
    while not stop.wait(_SAMPLING_SECONDS):
        peaks.sampled_bytes = max(peaks.sampled_bytes, process.memory_info().rss)


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def _kibibytes(text: str, field: str) -> int:
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(field))
