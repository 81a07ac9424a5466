"""A report says where a container's quota, rather than the machine, sets the threads."""

from dataclasses import asdict, replace

import example_runs as example
import pytest

from benchbench.machine import Machine
from benchbench.report.warnings import warnings

HERE = Machine(cpu_model="A CPU", physical_cores=8, logical_cores=16, usable_cores=16)


def warned(make_run, machine):
    record = example.efficiency_record("cpu", ("bert-base", "squeezebert"))
    record = replace(record, provenance={**record.provenance, "machine": asdict(machine)})
    run = make_run([record])
    from benchbench.report.view import view

    return [text for text in warnings(run, view(run)) if "quota" in text]


@pytest.mark.parametrize(
    ("quota", "said"),
    [
        (1.0, "A container quota of 1 core binds: engines, training and the peak have 1 thread on 8 cores."),
        (0.5, "A container quota of 0.5 cores binds: engines, training and the peak have 1 thread on 8 cores."),
        (2.5, "A container quota of 2.5 cores binds: engines, training and the peak have 2 threads on 8 cores."),
    ],
)
def test_a_quota_that_binds_is_said(make_run, quota, said):
    (text,) = warned(make_run, replace(HERE, cpu_quota=quota, usable_cores=quota))
    assert text.startswith(said)


@pytest.mark.parametrize(
    "machine", [HERE, replace(HERE, cpu_quota=8.0, usable_cores=8), replace(HERE, cpu_quota=6.0, usable_cores=4)]
)
def test_a_quota_that_changes_nothing_is_not_said(make_run, machine):
    assert not warned(make_run, machine)
