"""A report says where a container's quota, rather than the machine, sets the threads; and its limit of memory."""

from dataclasses import replace

import example_runs as example
import pytest

from benchbench.machine import Machine
from benchbench.report.content import content

HERE = Machine(cpu_model="A CPU", physical_cores=8, logical_cores=16, usable_cores=16, ram_gib=64)


def said(make_run, machine):
    record = example.efficiency_record("cpu", ("bert-base", "squeezebert"))
    return content(make_run([replace(record, provenance=replace(record.provenance, machine=machine))]), (), {})


@pytest.mark.parametrize(
    ("quota", "words"),
    [
        (1.0, "A container quota of 1 core binds: engines, training and the peak have 1 thread on 8 cores."),
        (0.5, "A container quota of 0.5 cores binds: engines, training and the peak have 1 thread on 8 cores."),
        (2.5, "A container quota of 2.5 cores binds: engines, training and the peak have 2 threads on 8 cores."),
    ],
)
def test_a_quota_that_binds_is_said(make_run, quota, words):
    warnings = said(make_run, replace(HERE, cpu_quota=quota, usable_cores=quota)).warnings
    assert any(text.startswith(words) for text in warnings)


@pytest.mark.parametrize(
    "machine", [HERE, replace(HERE, cpu_quota=8.0, usable_cores=8), replace(HERE, cpu_quota=6.0, usable_cores=4)]
)
def test_a_quota_that_changes_nothing_is_not_said(make_run, machine):
    assert not any("quota" in text for text in said(make_run, machine).warnings)


def test_a_limit_of_memory_stands_beside_the_memory_of_the_machine(make_run):
    assert "64 GiB memory, 4.5 of it allowed" in said(make_run, replace(HERE, memory_limit_gib=4.5)).introduction[1]
    assert "allowed" not in said(make_run, HERE).introduction[1]
