import pytest
import torch

from benchbench.meters import roofline


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16", "int8"])
def test_peak_is_a_positive_rate_or_a_reason(precision):
    found = roofline.gemm_peak(precision, threads=1, seconds=0.05)
    if isinstance(found, roofline.NoPeak):
        assert precision in found.reason
    else:
        assert found.value > 0
        assert found.repeats >= 4


def test_a_device_that_is_not_there_has_no_peak():
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    assert isinstance(roofline.gemm_peak("fp32", seconds=0.01, device="cuda"), roofline.NoPeak)
    assert isinstance(roofline.memory_bandwidth(seconds=0.01, device="cuda"), roofline.NoPeak)


def test_bandwidth_is_a_positive_rate():
    found = roofline.memory_bandwidth(threads=1, seconds=0.05)
    assert isinstance(found, roofline.Peak)
    assert found.value > 0


def test_thread_count_is_restored():
    before = torch.get_num_threads()
    roofline.gemm_peak("fp32", threads=1, seconds=0.01)
    assert torch.get_num_threads() == before


def test_fraction_and_floor_agree():
    peak = 200e9
    assert roofline.latency_floor_seconds(10e9, peak) == pytest.approx(0.05)
    assert roofline.roofline_fraction(10e9, 0.1, peak) == pytest.approx(0.5)
