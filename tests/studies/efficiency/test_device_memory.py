"""What a report calls device memory is the device's, with the host's beside it under its own name; a query's copies to
the device and back are told apart from the computing.
"""

import pytest

from benchbench.studies.efficiency import study as efficiency

WEIGHTS, WORK = 204_000_000, 7_000_000
ENGINE = f"""
import sys
import numpy
from benchbench.targets.protocol import DeviceMemory, Target
from benchbench.machine.query_parts import QueryParts

HELD = sys.__dict__.setdefault("held_on_the_device", [])  # one device, however often this file is read

class Session:
    def __init__(self): HELD.append({WEIGHTS})
    def run(self, batch): return numpy.zeros((len(batch["input_ids"]), 2), numpy.float32)
    def parts(self, batch): return QueryParts(1.0, 6.0, 3.0)
    def device_memory(self): return DeviceMemory(sum(HELD), sum(HELD) + {WORK}, 2 * sum(HELD), 10**9)

class Runtime:
    name = "device"
    def unavailable(self, target): return None
    def fixed_shape(self): return False
    def reads_weights(self): return False
    def versions(self): return {{"device": "1"}}
    def prepare(self, job, folder): ...
    def load(self, job, folder): return Session()

RUNTIME = Runtime
TARGET = Target(name="device", runtime=__file__)
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    file = tmp_path_factory.mktemp("device") / "device.py"
    file.write_text(ENGINE)
    study = efficiency.load(target=str(file), models=("bert-tiny",), sequence_lengths=(8,), budget_seconds=2)
    return {m.quantity: m for m in efficiency.footprint(study).measurements}


def test_weights_activations_and_peak_are_the_devices(measured):
    values = {name: measured[name].value for name in ("weights_memory", "activation_memory", "peak_memory")}
    assert values == {"weights_memory": WEIGHTS, "activation_memory": WORK, "peak_memory": WEIGHTS + WORK}
    assert all(measured[name].note == "device memory" for name in values)


def test_what_is_reserved_used_and_taken_of_the_host_stands_beside(measured):
    assert measured["reserved_memory"].value == 2 * 2 * WEIGHTS  # the rehearsal's too
    assert measured["driver_memory"].value == 10**9
    assert measured["host_memory"].note.startswith("resident growth")
    assert measured["host_memory"].value < WEIGHTS


def test_what_copying_takes_of_a_query_is_told(measured):
    assert measured["copy_share"].value == pytest.approx(0.4)
    assert measured["copy_share"].note == "medians: 1.000 ms to the device, 6.000 ms computing, 3.000 ms back"
