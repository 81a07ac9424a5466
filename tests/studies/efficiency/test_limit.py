"""What the machine could do at most, and how near each latency comes to it."""

import pytest

from benchbench.quantities import Basis
from benchbench.records import Findings, Measurement
from benchbench.studies.efficiency import study as efficiency
from benchbench.targets.protocol import Shape

LATENCY_MS = 5.0


def loaded(target):
    return efficiency.load(target=target, models=("bert-tiny", "squeezebert-tiny"), budget_seconds=2)


@pytest.fixture(scope="module")
def found():
    """The limit beside an invented latency of one of the two models."""
    study = loaded("torch-cpu")
    subject = study.at(study.sources[0], Shape(1, 128))
    timed = Findings((Measurement(subject, "latency_p50", LATENCY_MS, Basis.MEASURED),))
    return efficiency.limit(study, efficiency.size(study), timed)


def value(found, quantity):
    (measurement,) = (m for m in found.measurements if m.quantity == quantity)
    return measurement.value


def test_the_machines_peak_and_bandwidth_are_rates(found):
    assert value(found, "gemm_peak") > 1e9
    assert value(found, "memory_bandwidth") > 1e8


def test_a_latency_stands_beside_what_its_flops_need_at_the_peak(found):
    flops, peak = 117_473_792, value(found, "gemm_peak")  # bert-tiny, 1 x 128
    assert value(found, "achieved_flops") == pytest.approx(flops / (LATENCY_MS / 1000))
    assert value(found, "latency_floor") == pytest.approx(flops / peak * 1000)
    assert value(found, "roofline_fraction") == pytest.approx(value(found, "latency_floor") / LATENCY_MS)


def test_only_what_was_timed_is_compared_with_the_peak(found):
    compared = {m.subject.model for m in found.measurements if m.quantity == "roofline_fraction"}
    assert compared == {"bert-tiny"}


def test_a_target_that_cannot_run_here_has_no_limit():
    study = loaded("torch-mps")
    if study.unavailable is None:
        pytest.skip("this machine has an Apple GPU")
    assert efficiency.limit(study, Findings(), Findings()) == Findings()
