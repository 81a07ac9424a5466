"""The files in which Linux tells a process of its control groups, written by a test."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from benchbench.machine import cgroups


def write(folder: Path, membership: str, mounts: Mapping[str, str], limits: Mapping[str, str]) -> Path:
    """A process's folder, in place of /proc/self.

    `membership`: the text of its file `cgroup`. `mounts`: for each folder under `folder/sys`, the group that is its
    root and what is mounted, such as '/ cgroup2 cgroup2 rw'. `limits`: files under `folder/sys` with their texts.
    """
    lines = []
    for point, described in mounts.items():
        root, _, kind = described.partition(" ")
        lines.append(f"30 20 0:30 {root} {folder / 'sys' / point} rw,relatime shared:9 - {kind}")
    for name, text in limits.items():
        file = folder / "sys" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")
    process = folder / "process"
    process.mkdir()
    (process / "cgroup").write_text(membership)
    (process / "mountinfo").write_text("\n".join(["23 1 0:2 / / rw - ext4 /dev/root rw", *lines]) + "\n")
    return process


def quota(folder: Path, cores: float) -> Path:
    """A process in a container of version 2 that may use `cores`."""
    return write(folder, "0::/\n", {"": "/ cgroup2 cgroup2 rw"}, {"cpu.max": f"{round(cores * 100_000)} 100000"})


def move(monkeypatch: pytest.MonkeyPatch, process: Path) -> None:
    """Let this process be told of its groups by the files in `process` alone."""
    monkeypatch.setattr(cgroups, "PROCESS", process)
    monkeypatch.setattr(cgroups, "USUAL", process / "usual")
