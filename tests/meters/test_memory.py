import json
import subprocess
import sys

import numpy
import pytest

from benchbench.errors import Missing
from benchbench.machine.device_memory import DeviceMemory
from benchbench.meters import memory

MEBIBYTE = 2**20

IN_A_FRESH_PROCESS = """
import json
from dataclasses import asdict
import numpy
from benchbench.meters import memory

def load():
    temporary = numpy.ones(96 * 2**17)  # 96 MiB, gone when loaded
    return numpy.ones(64 * 2**17)  # 64 MiB

def run(weights):
    return weights[: 32 * 2**17] + 1.0  # 32 MiB

print(json.dumps(asdict(memory.profile(load, run, repeats=3))))
"""


@pytest.fixture(scope="module")
def profile():
    done = subprocess.run([sys.executable, "-c", IN_A_FRESH_PROCESS], capture_output=True, text=True, check=True)
    return memory.MemoryProfile(**json.loads(done.stdout))


def test_weights_are_what_stays_after_loading(profile):
    assert profile.weights_bytes == pytest.approx(64 * MEBIBYTE, abs=2 * MEBIBYTE)


def test_what_loading_took_for_a_moment_is_not_weights(profile):
    assert profile.load_peak_bytes >= 150 * MEBIBYTE


def test_activations_are_counted_apart_from_weights(profile):
    assert profile.activation_bytes == pytest.approx(32 * MEBIBYTE, abs=2 * MEBIBYTE)
    assert profile.peak_bytes == pytest.approx(profile.weights_bytes + profile.activation_bytes, abs=MEBIBYTE)


def test_sampling_and_the_kernel_agree(profile):
    assert profile.sampled_peak_bytes <= profile.peak_bytes
    assert profile.sampled_peak_bytes >= profile.weights_bytes


def test_peak_without_a_kernel_that_can_be_reset_is_sampled(monkeypatch):
    monkeypatch.setattr(memory, "reset_high_water_mark", lambda: False)
    found = memory.profile(lambda: numpy.ones(2**17), lambda weights: weights.sum(), 1)
    assert found.method == "sampled"
    assert found.peak_bytes == found.sampled_peak_bytes


class FakeDevice:
    """An accelerator with 30 bytes in use by what was there before, and a host that grows meanwhile."""

    def __init__(self):
        self.held = self.peak = 30

    def load(self):
        self.hold(204)
        return numpy.ones(16 * 2**17)

    def run(self, _):
        self.hold(50)
        self.hold(-50)

    def hold(self, count):
        self.held += count
        self.peak = max(self.peak, self.held)

    def reading(self):
        found = DeviceMemory(allocated=self.held, peak=self.peak, reserved=512, used=4096)
        self.peak = self.held
        return found


def test_memory_of_an_accelerator_is_its_own_and_the_hosts_stands_beside_it():
    device = FakeDevice()
    found = memory.profile(device.load, device.run, 2, device.reading)
    assert found.device == memory.DeviceMemoryProfile(204, 50, 254, 512, 4096)
    assert found.peak_where_it_runs_bytes == 254
    assert found.said == "device memory"
    assert found.peak_bytes >= 15 * MEBIBYTE


def test_what_an_engine_does_not_tell_of_its_device_is_missing_and_never_the_hosts():
    device = FakeDevice()
    found = memory.profile(device.load, device.run, 1, lambda: DeviceMemory(used=4096))
    assert isinstance(found.peak_where_it_runs_bytes, Missing)
    assert isinstance(found.device.weights_bytes, Missing)
    assert found.device.used_bytes == 4096
