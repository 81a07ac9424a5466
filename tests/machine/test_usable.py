"""Threads of a process: what was asked for, else a whole number that affinity and quotas leave, at least 1."""

import os

import control_groups
import psutil
import pytest

from benchbench import machine
from benchbench.machine import usable


@pytest.fixture
def quota(tmp_path, monkeypatch):
    return lambda cores: control_groups.move(monkeypatch, control_groups.quota(tmp_path, cores))


@pytest.fixture
def cores(tmp_path, monkeypatch):
    """Four physical cores with two logical ones each (0 and 4, 1 and 5, ...), of which this process may use some."""

    def allow(*cpus):
        for cpu in range(8):
            topology = tmp_path / f"cpus/cpu{cpu}/topology"
            topology.mkdir(parents=True, exist_ok=True)
            (topology / "core_cpus_list").write_text(f"{cpu % 4},{cpu % 4 + 4}\n")
        monkeypatch.setattr(usable, "_CPUS", tmp_path / "cpus")
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(cpus), raising=False)

    return allow


@pytest.mark.parametrize(
    ("cores_allowed", "threads"), [(0.5, 1), (0.01, 1), (1, 1), (1.5, 1), (2, 2), (2.9, 2), (3, 3), (16, 4)]
)
def test_a_quota_leaves_whole_threads_and_never_none(quota, cores, cores_allowed, threads):
    cores(*range(8))
    quota(cores_allowed)
    assert machine.threads() == threads


@pytest.mark.parametrize(("cpus", "threads"), [(range(8), 4), ((0, 4), 1), ((0, 1), 2), ((0, 4, 1), 2), ((7,), 1)])
def test_logical_cores_of_one_physical_core_count_once(cores, cpus, threads):
    cores(*cpus)
    assert machine.threads() == threads


def test_what_was_asked_for_is_kept_whatever_the_quota(quota):
    quota(1)
    assert machine.threads(3) == 3


def test_affinity_and_quota_bind_together(quota, cores):
    cores(0, 1)
    quota(3)
    assert (machine.threads(), machine.usable_cores()) == (2, 2)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no CPU affinity")
def test_real_affinity_binds():
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert (machine.threads(), machine.usable_cores()) == (1, 1)
    finally:
        os.sched_setaffinity(0, before)


def test_a_machine_says_its_quota_and_its_limit_of_memory(tmp_path, monkeypatch):
    limits = {"cpu.max": "50000 100000", "memory.max": str(2**29)}
    process = control_groups.write(tmp_path, "0::/\n", {"": "/ cgroup2 cgroup2 rw"}, limits)
    control_groups.move(monkeypatch, process)
    here = machine.machine_here()
    assert (here.cpu_quota, here.usable_cores, here.memory_limit_gib) == (0.5, 0.5, 0.5)
    assert machine.memory_limit_bytes() == 2**29


def test_without_a_limit_all_memory_may_be_used(tmp_path, monkeypatch):
    control_groups.move(monkeypatch, control_groups.quota(tmp_path, 2))
    assert machine.memory_limit_bytes() == psutil.virtual_memory().total
    assert machine.machine_here().memory_limit_gib is None


def test_cores_apart_are_physical_ones_with_all_that_may_be_used_of_each(cores, quota):
    cores(*range(8))
    assert machine.usable_cores_apart() == [[0, 4], [1, 5], [2, 6], [3, 7]]
    cores(1, 2, 3, 5)
    assert machine.usable_cores_apart() == [[1, 5], [2], [3]]
    quota(2.5)
    assert machine.usable_cores_apart() == [[1, 5], [2]]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no CPU affinity")
def test_a_pinned_process_keeps_to_its_cores():
    before = os.sched_getaffinity(0)
    try:
        assert machine.cannot_pin() is None
        machine.pin([max(before)])
        assert os.sched_getaffinity(0) == {max(before)}
    finally:
        os.sched_setaffinity(0, before)


def test_a_system_that_cannot_pin_says_so(monkeypatch):
    monkeypatch.delattr(psutil.Process, "cpu_affinity")
    assert "keep a process on cores of its own" in machine.cannot_pin()
