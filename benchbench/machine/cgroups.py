"""What Linux control groups, version 1 and 2, allow the processes in them: CPU time and memory.

A limit of any group around a process binds it, so that the tightest one counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from benchbench.machine.system import read

PROCESS = Path("/proc/self")
"""The process that is asked about: its files `cgroup` and `mountinfo`."""

USUAL = Path("/sys/fs/cgroup")
"""Where a container's own group lies as a rule, also where its list of mounts does not say so."""


def cpu_quota() -> float | None:
    """Cores' worth of CPU time that the groups around this process allow; None where none of them sets a limit."""
    return min((quota for folder in _around("cpu") if (quota := _quota(folder)) is not None), default=None)


def memory_limit_bytes() -> int | None:
    """Bytes that the groups around this process allow; None where none of them sets a limit."""
    limits = (
        _number(folder / name) for folder in _around("memory") for name in ("memory.max", "memory.limit_in_bytes")
    )
    return min((limit for limit in limits if limit is not None), default=None)


def _quota(folder: Path) -> float | None:
    quota, _, period = (read(folder / "cpu.max") or "").partition(" ")
    if not quota:
        quota, period = read(folder / "cpu.cfs_quota_us") or "", read(folder / "cpu.cfs_period_us") or ""
    allowed, whole = _positive(quota), _positive(period)
    return allowed / whole if allowed and whole else None


def _number(file: Path) -> int | None:
    return _positive(read(file) or "")


def _positive(word: str) -> int | None:
    """A limit as the kernel writes it; None for 'max', -1 and whatever is no number."""
    return (int(word) or None) if word.isdecimal() else None


def _around(controller: str) -> Iterator[Path]:
    """The folders of the groups around this process that may limit `controller`, from its own one outward."""
    groups = dict(_groups(controller))
    for hierarchy, root, point in _mounts(controller):
        if hierarchy in groups:
            inside = _seen_from(root, groups[hierarchy])
            for depth in range(len(inside), -1, -1):
                yield point.joinpath(*inside[:depth])
    yield from (USUAL, USUAL / controller)


def _groups(controller: str) -> Iterator[tuple[str, str]]:
    """The version of a hierarchy, and the path of this process's group in it."""
    for line in (read(PROCESS / "cgroup") or "").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controller in controllers.split(","):
            yield "cgroup", path
        elif not controllers:
            yield "cgroup2", path


def _mounts(controller: str) -> Iterator[tuple[str, str, Path]]:
    """The version of a mounted hierarchy, the group that is its root, and where that lies."""
    for line in (read(PROCESS / "mountinfo") or "").splitlines():
        mount, _, what = line.partition(" - ")
        places, kind = mount.split(), what.split()
        if len(places) < 5 or len(kind) < 3:
            continue
        version, *_, options = kind
        if version == "cgroup2" or (version == "cgroup" and controller in options.split(",")):
            yield version, places[3], Path(places[4].replace(r"\040", " "))


def _seen_from(root: str, path: str) -> tuple[str, ...]:
    """The folders from a mounted `root` down to the group `path`; none where the group lies outside of it."""
    group = PurePosixPath(path)
    inside = group.relative_to(root).parts if group.is_relative_to(root) else ()
    return () if ".." in inside else inside
