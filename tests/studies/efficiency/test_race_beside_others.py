"""A race beside a process that takes a core cannot look stable; one that was left alone says nothing of neighbours."""

import subprocess
import sys

import pytest

from benchbench.meters import neighbours
from benchbench.models import zoo
from benchbench.models.source import ModelSource
from benchbench.places import weights
from benchbench.records import OTHER_PROCESSES
from benchbench.studies.efficiency.latencies import latencies, speedups
from benchbench.studies.workers.allocation import Allocation
from benchbench.studies.workers.race import Entrant, race
from benchbench.targets import catalogue
from benchbench.targets.protocol import Shape

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="no counters of what else runs")
SHAPE = Shape(1, 32)


@pytest.fixture(scope="module")
def timed(tmp_path_factory):
    """A race of a model against itself, and its measurements."""
    source, target = ModelSource(zoo.place("bert-tiny"), weights("random")), catalogue.find("onnxruntime-cpu")
    entrants = [Entrant(name, source, target) for name in ("one", "other")]
    cache = tmp_path_factory.mktemp("cache")

    def run():
        result = race(entrants, [SHAPE], allocation=Allocation(2, 2, 0.05), cache=cache)
        width = 1000.0  # no interval is too wide: what is unstable is so because of neighbours
        return result, [*latencies(result, entrants, width).measurements, *speedups(result, entrants, entrants, width)]

    return run


def test_beside_a_busy_loop_nothing_is_stable_and_each_value_says_why(timed):
    loop = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        result, measurements = timed()
    finally:
        loop.kill()
        loop.wait()
    assert {m.quantity for m in measurements} >= {"latency_p50", "throughput", "speedup"}
    assert not any(m.stable for m in measurements)
    assert all(OTHER_PROCESSES in m.note for m in measurements)
    assert result.rounds(SHAPE, "one") >= 4, "disturbed rounds stay where there are no others"


def test_left_alone_it_has_no_note(timed):
    before = neighbours.counters()
    result, measurements = timed()
    around = neighbours.between(before, neighbours.counters())
    if around.share > 0.05:
        pytest.skip("something else runs on this machine")
    assert not result.disturbed(SHAPE, "one", "other")
    assert all(m.stable and not m.note for m in measurements)
