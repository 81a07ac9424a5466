"""What else ran on the cores of this process while it measured something, by the system's own counters (Linux).

The counters alone decide which rounds are disturbed, never the rounds' own times: to drop rounds because they are slow
would make every model look faster than it is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from time import perf_counter

from benchbench.machine import usable_cpus
from benchbench.machine.system import read
from benchbench.records import OTHER_PROCESSES

MOST_SHARE = 0.1
"""Of the cores' time that others may take. Services of an idle machine take 1 to 3 %."""
MOST_CORES = 0.5
"""The same in cores: on many cores one busy neighbour is a small share, and still holds up whoever waits for its core.
"""
MIN_SECONDS = 0.25
"""The counters advance by 10 ms: rounds are judged together until they have taken as long as this."""
_TICKS = 2  # of one counter against another, over any length of time
_ENOUGH_SHARE = 0.25  # of all rounds that the undisturbed ones have to be, so as to stand for all
_ENOUGH_ROUNDS = 2

_PROC_STAT = Path("/proc/stat")


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What ran beside this process within `seconds` of wall-clock time on the `cores` that it may use.

    CPU time in seconds: `foreign_seconds` of other processes, `stolen_seconds` of other machines on the same host,
    `own_seconds` of this process. `switches`: how often the system took a core from it.
    """

    seconds: float
    cores: int
    foreign_seconds: float
    stolen_seconds: float
    own_seconds: float
    switches: int

    @property
    def taken_seconds(self) -> float:
        return self.foreign_seconds + self.stolen_seconds

    @property
    def share(self) -> float:
        """Of the cores' time that went to others."""
        return self.taken_seconds / (self.seconds * self.cores)

    @property
    def disturbs(self) -> bool:
        """Whether that is more than a tenth of the cores' time or half a core, beyond what the counters' ticks blur."""
        allowed = min(MOST_SHARE * self.cores, MOST_CORES) * self.seconds
        return self.taken_seconds > allowed + _TICKS / _ticks_per_second()


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """In clock ticks since the machine started: what all processes ran, and what its host took."""

    busy: int
    stolen: int


@dataclass(frozen=True, slots=True)
class Counters:
    """All counters at one moment."""

    at_seconds: float
    cores: int
    cpu: CpuTimes
    own_seconds: float
    switches: int


def cpu_times(stat: str, cpus: Collection[int]) -> CpuTimes | None:
    """Of `cpus`, from the text of /proc/stat; None where that does not list them all or counts nothing.

    The line for all processors together is taken where it says the same, since it is rounded once.
    """
    lines = {name: fields for name, *fields in (line.split() for line in stat.splitlines() if line.startswith("cpu"))}
    numbered = {int(name[3:]) for name in lines if re.fullmatch(r"cpu\d+", name)}
    names = ["cpu"] if numbered == set(cpus) and "cpu" in lines else [f"cpu{cpu}" for cpu in cpus]
    if not names or any(len(lines.get(name, ())) < 8 for name in names):
        return None
    user, nice, system, _, _, _, _, stolen = (sum(int(lines[name][i]) for name in names) for i in range(8))
    busy = user + nice + system
    return CpuTimes(busy, stolen) if busy else None


def counters() -> Counters | None:
    """Now; None where the system has no such counters (macOS, Windows), so that nothing is claimed."""
    cpus = usable_cpus()
    cpu = cpu_times(read(_PROC_STAT) or "", cpus)
    if cpu is None:
        return None
    import resource  # which Windows does not have

    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = sum(usage.ru_utime + usage.ru_stime for usage in (own, children))
    return Counters(perf_counter(), len(cpus), cpu, seconds, own.ru_nivcsw)


def between(before: Counters | None, after: Counters | None) -> Disturbance | None:
    """What ran beside this process from `before` to `after`; None where either is not known."""
    if before is None or after is None:
        return None
    own, per_second = after.own_seconds - before.own_seconds, _ticks_per_second()
    busy = (after.cpu.busy - before.cpu.busy) / per_second
    return Disturbance(
        seconds=after.at_seconds - before.at_seconds,
        cores=after.cores,
        foreign_seconds=max(0.0, busy - own),
        stolen_seconds=(after.cpu.stolen - before.cpu.stolen) / per_second,
        own_seconds=own,
        switches=after.switches - before.switches,
    )


def total(parts: Iterable[Disturbance]) -> Disturbance | None:
    """Several stretches of time as one; None where there are none."""
    parts = tuple(parts)
    if not parts:
        return None
    return Disturbance(
        seconds=sum(part.seconds for part in parts),
        cores=parts[0].cores,
        foreign_seconds=sum(part.foreign_seconds for part in parts),
        stolen_seconds=sum(part.stolen_seconds for part in parts),
        own_seconds=sum(part.own_seconds for part in parts),
        switches=sum(part.switches for part in parts),
    )


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rounds that were judged together, and what ran beside them where that is known."""

    rounds: int
    found: Disturbance | None

    @property
    def quiet(self) -> bool:
        return self.found is None or not self.found.disturbs


def undisturbed(stretches: Sequence[Stretch]) -> Sequence[bool]:
    """Which of the `stretches` stay: the quiet ones, or all where those have too few rounds.

    Too few are fewer than two, or than a quarter of all.
    """
    everything = sum(stretch.rounds for stretch in stretches)
    quiet = [stretch.quiet for stretch in stretches]
    enough = max(_ENOUGH_ROUNDS, _ENOUGH_SHARE * everything)
    if sum(stretch.rounds for stretch in compress(stretches, quiet)) < enough:
        return [True] * len(stretches)
    return quiet


class Watch:
    """Looks around after every round, in stretches of at least `MIN_SECONDS`."""

    def __init__(self) -> None:
        self._last = counters()
        self._rounds = 0
        self._stretches: list[Stretch] = []

    def round_ended(self) -> None:
        self._rounds += 1
        if self._last is not None and perf_counter() - self._last.at_seconds >= MIN_SECONDS:
            self.close()

    def close(self) -> None:
        """End the stretch that is running, if it has a round."""
        if self._rounds:
            now = counters()
            self._stretches.append(Stretch(self._rounds, between(self._last, now)))
            self._last, self._rounds = now, 0

    def kept(self) -> Sequence[bool]:
        """For each round whether it stays, after `close`."""
        stay = undisturbed(self._stretches)
        return [kept for stretch, kept in zip(self._stretches, stay, strict=True) for _ in range(stretch.rounds)]

    def disturbance(self) -> Disturbance | None:
        """What ran beside the rounds that stay; None where that is not known."""
        stay = compress(self._stretches, undisturbed(self._stretches))
        return total(stretch.found for stretch in stay if stretch.found)


def note(processes: Iterable[Disturbance | None]) -> str:
    """What to say of a value from several processes' rounds; empty where none of them was disturbed."""
    known = [found for found in processes if found]
    whole = total(known)
    if whole is None or not any(found.disturbs for found in known):
        return ""
    stolen = round(100 * whole.stolen_seconds / whole.taken_seconds)
    of_host = f", {stolen} % of that to other machines on the same host" if stolen else ""
    return f"{100 * whole.share:.0f} % {OTHER_PROCESSES}{of_host}"


def _ticks_per_second() -> int:
    return os.sysconf("SC_CLK_TCK")
