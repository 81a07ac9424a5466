"""How the cores of a machine can be shared among processes, and which of these ways are worth a longer look."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_BEST = 2  # that are looked at longer, at each shape


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """So many `processes` with so many `threads` each, every thread on a physical core of its own.

    `queue`: the engine shares the cores among several requests itself, in one process with all of them.
    """

    processes: int
    threads: int
    queue: bool = False

    def __str__(self) -> str:
        return f"{self.processes}x{self.threads}{' queue' if self.queue else ''}"

    @property
    def cores(self) -> int:
        return self.processes * self.threads

    def cpus(self, apart: Sequence[Sequence[int]]) -> Sequence[Sequence[int]]:
        """The logical cores of each process, of the physical cores `apart` (see `machine.usable_cores_apart`)."""
        firsts = range(0, self.cores, self.threads)
        return [[cpu for core in apart[first : first + self.threads] for cpu in core] for first in firsts]


def read(text: str) -> Partition:
    """The partition that a suite writes as '2x1'."""
    processes, threads = (int(part) for part in text.split("x"))
    return Partition(processes, threads)


def whole(cores: int) -> Partition:
    """One process with all cores: what the others are compared with."""
    return Partition(1, cores)


def queue(cores: int) -> Partition:
    return Partition(1, cores, queue=True)


def even(cores: int) -> Sequence[Partition]:
    """Every way that leaves no core over: one for each divisor, beginning with one process."""
    return [Partition(count, cores // count) for count in range(1, cores + 1) if cores % count == 0]


Rates = Mapping[Hashable, float]
"""Examples per second of one partition, by shape; without a shape at which it could not run."""


def worthwhile(cores: int, measure: Callable[[Partition], Rates]) -> Sequence[Partition]:
    """Of all `even` partitions one process with all cores and, at every shape, the two with the highest rate.

    `measure` is asked for a short look at each, and not at all where there is nothing to choose. What it finds is for
    choosing alone: the rates of those that are chosen are measured anew, since the best of many is also the luckiest.
    """
    candidates = even(cores)
    if len(candidates) <= 1 + _BEST:
        return candidates
    rates = {candidate: measure(candidate) for candidate in candidates}
    chosen = {whole(cores), *_best(rates)}
    return [candidate for candidate in candidates if candidate in chosen]


def _best(rates: Mapping[Partition, Rates]) -> Iterator[Partition]:
    for shape in dict.fromkeys(shape for found in rates.values() for shape in found):
        ran = [partition for partition, found in rates.items() if shape in found]
        yield from sorted(ran, key=lambda partition: -rates[partition][shape])[:_BEST]
