"""The parts of a query lie between the events that stand around them."""

from time import perf_counter, sleep

import pytest

from benchbench.targets.runtimes.torch_accelerator import parts


class Event:
    """As a device's, by the host's clock."""

    def record(self):
        self.at = perf_counter()

    def synchronize(self):
        pass

    def elapsed_time(self, other):
        return (other.at - self.at) * 1000


def test_each_part_has_its_own_time_and_is_handed_on():
    seen = []

    def step(name, seconds):
        def run(*given):
            sleep(seconds)
            seen.append((name, *given))
            return name

        return run

    found = parts(step("there", 0.03), step("computed", 0.12), step("back", 0.05), Event)
    assert seen == [("there",), ("computed", "there"), ("back", "computed")]
    assert found.to_device_ms >= 30
    assert found.compute_ms >= 120
    assert found.to_host_ms >= 50
    assert found.copy_share == pytest.approx(0.4, abs=0.2)
