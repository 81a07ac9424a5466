import pytest
import torch

from benchbench import machine
from benchbench.errors import Missing
from benchbench.meters import roofline


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16", "int8"])
def test_peak_is_a_positive_rate_or_a_reason(precision):
    found = roofline.gemm_peak(precision, threads=1, seconds=0.05)
    if isinstance(found, Missing):
        assert precision in found.reason
    else:
        assert found.value > 0
        assert found.repeats >= 4


def test_a_device_that_is_not_there_has_no_peak():
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    assert isinstance(roofline.gemm_peak("fp32", seconds=0.01, device="cuda"), Missing)
    assert isinstance(roofline.memory_bandwidth(seconds=0.01, device="cuda"), Missing)


def test_bandwidth_is_a_positive_rate():
    found = roofline.memory_bandwidth(threads=1, seconds=0.05)
    assert isinstance(found, roofline.Peak)
    assert found.value > 0


@pytest.mark.parametrize("error", [RuntimeError(), RuntimeError("no\nkernel"), AssertionError()])
def test_an_error_of_torch_is_a_reason_in_one_line(monkeypatch, error):
    def fails(*_):
        raise error

    monkeypatch.setattr(roofline, "_TRIAD_BYTES", 2**20)
    monkeypatch.setattr(torch, "mm", lambda *_, **__: fails())
    monkeypatch.setattr(torch, "add", lambda *_, **__: fails())
    for found in (roofline.gemm_peak("fp32", seconds=0.01), roofline.memory_bandwidth(seconds=0.01)):
        assert isinstance(found, Missing)
        assert type(error).__name__ in found.reason
        assert "\n" not in found.reason


def test_a_peak_says_its_threads_which_are_those_of_an_engine_by_default():
    assert roofline.gemm_peak("fp32", seconds=0.01).threads == machine.threads()
    assert roofline.gemm_peak("fp32", threads=2, seconds=0.01).threads == 2


def test_thread_count_is_restored():
    before = torch.get_num_threads()
    roofline.gemm_peak("fp32", threads=1, seconds=0.01)
    assert torch.get_num_threads() == before


def test_fraction_and_floor_agree():
    peak = 200e9
    assert roofline.latency_floor_seconds(10e9, peak) == pytest.approx(0.05)
    assert roofline.roofline_fraction(10e9, 0.1, peak) == pytest.approx(0.5)
