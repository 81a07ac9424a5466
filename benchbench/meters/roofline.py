"""How fast this machine can multiply matrices and move memory: the limits that every latency stands beside.

The roofline model (Williams, Waterman, Patterson 2009): no program is faster than its arithmetic at the peak rate, nor
than its memory traffic at the peak bandwidth.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from benchbench import machine
from benchbench.errors import Missing, one_line
from benchbench.machine import Precision
from benchbench.meters.torch_threads import torch_threads

_SIZES = (384, 768, 1536)
_CUDA_SIZES = (2048, 4096, 8192)
_PROBE_SIZE = 256
_EMULATED = 8  # so many times slower than fp32 at the probe's size: done in software, no limit of the hardware
_DTYPES = {
    "fp32": torch.float32,
    "tf32": torch.float32,
    "fp16": torch.float16,
    "bf16": torch.bfloat16,
    "int8": torch.int8,
}
_TRIAD_BYTES = 256 * 2**20  # several times any last-level cache of a desktop; a server's is passed by three arrays
_MIN_REPEATS = 4
_TURNS = 8


@dataclass(frozen=True, slots=True)
class Peak:
    """A limit that was measured, on `threads` of the CPU. `value`: FLOP/s or B/s. `detail`: the size or kernel."""

    value: float
    detail: str
    repeats: int
    threads: int


def gemm_peak(
    precision: Precision, threads: int | None = None, seconds: float = 1.0, device: str = "cpu"
) -> Peak | Missing:
    """The fastest square matrix product of several sizes, in FLOP/s (1 multiply-add = 2; int8: operations/s).

    Method: `torch.mm` (int8: `torch._int_mm`) into a preallocated result, best of all repeats in about `seconds`.
    The best rather than the mean, for a limit is what was ever reached. `threads`: None means as many as an engine
    gets. `Missing` when torch has no such product on this device, or only one in software.
    """
    sizes = _SIZES if device == "cpu" else _CUDA_SIZES
    threads = machine.threads(threads)
    try:
        if _emulated(precision, device):
            return Missing(f"torch multiplies {precision} matrices on this {device} in software only")
        with torch_threads(threads), torch.inference_mode():
            products = {size: _product(size, precision, device) for size in sizes}
            times = _fastest_in_turn(list(products.values()), seconds, device)
    except (RuntimeError, AssertionError) as error:  # a missing kernel is a RuntimeError too
        return Missing(f"torch has no {precision} matrix product on {device}: {one_line(error)}")
    peaks = (Peak(2 * n**3 / t, f"{n} × {n}", k, threads) for n, (t, k) in zip(sizes, times, strict=True))
    return max(peaks, key=lambda peak: peak.value)


def memory_bandwidth(threads: int | None = None, seconds: float = 1.0, device: str = "cpu") -> Peak | Missing:
    """Bytes per second of the STREAM triad (a = b + s·c on arrays far larger than the caches; McCalpin 1995).

    Counts the two reads and the write; where the hardware reads a line before it writes it, the traffic is a third
    more. Best of all repeats in about `seconds`. `threads` as above. `Missing` when the arrays do not fit.
    """
    threads = machine.threads(threads)
    try:
        with torch_threads(threads), torch.inference_mode():
            a, b, c = (torch.ones(_TRIAD_BYTES // 4, device=device) for _ in range(3))
            [(elapsed, repeats)] = _fastest_in_turn([lambda: torch.add(b, c, alpha=3.0, out=a)], seconds, device)
    except (RuntimeError, AssertionError) as error:
        return Missing(f"the triad cannot run on {device}: {one_line(error)}")
    return Peak(3 * _TRIAD_BYTES / elapsed, "triad", repeats, threads)


def roofline_fraction(flops: float, seconds: float, peak_flops_per_second: float) -> float:
    """Share (0 to 1, more only when the peak was missed) of the machine's peak that `flops` in `seconds` reach."""
    return flops / seconds / peak_flops_per_second


def latency_floor_seconds(flops: float, peak_flops_per_second: float) -> float:
    """The time that `flops` take at the peak rate: no implementation at this precision can be faster."""
    return flops / peak_flops_per_second


def _emulated(precision: Precision, device: str) -> bool:
    """Whether `precision` is so much slower than fp32 that no unit of the hardware can be behind it.

    On one thread, where a busy machine disturbs least.
    """
    products = [_product(_PROBE_SIZE, p, device) for p in (precision, "fp32")]
    with torch_threads(1), torch.inference_mode():
        (probe, _), (reference, _) = _fastest_in_turn(products, 0, device)
    return probe > _EMULATED * reference


def _product(size: int, precision: Precision, device: str) -> Callable[[], object]:
    dtype = _DTYPES[precision]
    if precision == "int8":
        left, right = (torch.ones(size, size, dtype=dtype, device=device) for _ in range(2))
        sums = torch.zeros(size, size, dtype=torch.int32, device=device)
        return lambda: torch._int_mm(left, right, out=sums)
    left, right, out = (torch.ones(size, size, dtype=dtype, device=device) for _ in range(3))

    def multiply() -> None:
        if device != "cpu":
            torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
        torch.mm(left, right, out=out)

    return multiply


def _fastest_in_turn(works: Sequence[Callable[[], object]], seconds: float, device: str) -> list[tuple[float, int]]:
    """For each of `works`, run in turn, the seconds of its fastest repeat and how many there were.

    In turn, so that a slow moment of the machine hits all of them; each turn gives each the same time and at least two
    repeats, so that the later ones find their data in the caches.
    """
    times: list[list[float]] = [[] for _ in works]
    end = time.perf_counter() + seconds
    while len(times[-1]) < _MIN_REPEATS or time.perf_counter() < end:
        for work, own in zip(works, times, strict=True):
            own.extend(_turn(work, seconds / len(works) / _TURNS, device))
    return [(min(own), len(own)) for own in times]


def _turn(work: Callable[[], object], seconds: float, device: str) -> list[float]:
    times = [_timed(work, device), _timed(work, device)]
    while sum(times) < seconds:
        times.append(_timed(work, device))
    return times


def _timed(work: Callable[[], object], device: str) -> float:
    _synchronise(device)
    start = time.perf_counter()
    work()
    _synchronise(device)
    return time.perf_counter() - start


def _synchronise(device: str) -> None:
    if device != "cpu":
        torch.accelerator.synchronize()
