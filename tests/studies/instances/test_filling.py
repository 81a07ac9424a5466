"""Real processes that answer together: what is counted, and what happens where one of them fails."""

import json
import time

import pytest
import sleeping_engine

from benchbench import machine
from benchbench.errors import Missing
from benchbench.meters.energy import MeterSettings
from benchbench.models.source import ModelSource
from benchbench.places import Place
from benchbench.studies.instances import filling
from benchbench.studies.instances.contest import Conditions, hold
from benchbench.studies.instances.filling import Load, Served, fill
from benchbench.studies.instances.instance_worker import Query
from benchbench.studies.instances.meeting import Period
from benchbench.studies.instances.partitions import Partition
from benchbench.targets import artefacts, catalogue
from benchbench.targets.protocol import Job, Shape
from benchbench.targets.session import has_queue

FIRST = min(machine.usable_cpus())
APART = [[FIRST], [FIRST]]  # two cores in name, so that any machine has them
SHAPES = (Shape(1, 16), Shape(4, 16))


@pytest.fixture
def prepared(tmp_path):
    """Of an engine that sleeps, with a `fault` or none."""

    def make(fault=""):
        target = catalogue.find(str(sleeping_engine.write(tmp_path, fault)))
        source = ModelSource(Place("bert-tiny"))
        return artefacts.prepare_all([Job(source, target, shape) for shape in SHAPES], tmp_path / "cache")

    return make


def conditions(*partitions, rounds=3, queue=False, seconds=0.3):
    return Conditions([*partitions], queue, APART, Load(seconds), rounds, seed=0)


def test_only_what_is_answered_in_the_common_period_counts():
    queries = ((Query(0.5, 1.5), Query(1.5, 2.5)), (Query(1.0, 1.5), Query(1.5, 3.5)))
    served = Served(Period(0, 1.0, 2.0), 8, queries, None)
    assert served.examples == pytest.approx(8 * (0.5 + 0.5 + 1.0 + 0.25))
    assert sorted(time for part in served.slices for time in part) == [500.0, 1000.0, 2000.0]


def test_queries_at_the_same_time_go_together():
    queries = (tuple(Query(0.01 * i, 0.01 * (i + 1)) for i in range(20)),) * 3
    slices = Served(Period(0, 0.0, 0.2), 1, queries, None).slices
    assert len(slices) == 4
    assert all(len(part) in (12, 15, 18) for part in slices)


def test_two_processes_answer_twice_as_much_as_one_where_an_answer_takes_no_core(prepared):
    held = hold(prepared(), conditions(Partition(1, 2), Partition(2, 1)))
    assert held.failures == {}
    for shape in SHAPES:
        gain = held.gain(Partition(2, 1), shape)
        assert 1.7 < gain.value < 2.3
        assert gain.low < gain.value < gain.high
        assert held.rate(Partition(2, 1), shape).value > 150 * shape.batch_size
        assert 5 <= held.median(Partition(2, 1), shape).value < 9
    assert held.memory_bytes(Partition(2, 1)) > 1.5 * held.memory_bytes(Partition(1, 2))


def test_each_process_opens_what_was_prepared_on_its_own_cores_with_its_own_threads(prepared):
    made = prepared()
    fill(Partition(2, 1), made, APART, Load(0.2), seed=0)
    opened = [json.loads(file.read_text()) for file in made[0].folder.glob("opened-*.json")]
    assert opened == [[1, [FIRST]]] * 2


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("dies", "ended with code 7"),
        ("dies while it answers", "ended with code 7"),
        ("cannot open", "no such operator"),
    ],
)
def test_a_process_that_fails_takes_its_own_partition_alone(prepared, fault, reason):
    held = hold(prepared(fault), conditions(Partition(2, 1), rounds=1))
    (failed,) = held.failures.values()
    assert reason in failed.reason
    assert len(held.fillings) == 1
    assert all(len(fillings) == 1 for fillings in held.fillings.values())


def test_a_process_that_never_gets_ready_ends_in_time(prepared, monkeypatch):
    monkeypatch.setattr(filling, "_OPENING_SECONDS", 3.0)
    begin = time.monotonic()
    found = fill(Partition(2, 1), prepared("hangs"), APART, Load(0.1), seed=0)
    assert isinstance(found, Missing)
    assert time.monotonic() - begin < 30


def test_more_cores_than_there_are_is_a_reason(prepared):
    held = hold(prepared()[:1], conditions(Partition(4, 1), rounds=1, seconds=0.1))
    assert held.failures == {Partition(4, 1): Missing("it takes 4 cores, and 2 may be used")}


def test_more_memory_than_there_is_is_a_reason(prepared, monkeypatch):
    monkeypatch.setattr("benchbench.machine.memory_limit_bytes", lambda: 60_000_000)
    held = hold(prepared()[:1], conditions(Partition(2, 1), rounds=1, seconds=0.1))
    assert "GB of memory" in held.failures[Partition(2, 1)].reason
    assert Partition(1, 2) in held.fillings


def test_one_meter_reads_all_processes_together(prepared, monkeypatch):
    monkeypatch.setattr("benchbench.meters.energy.MIN_SECONDS", 3.0)
    found = fill(Partition(2, 1), prepared()[:1], APART, Load(0.2, 3.4, MeterSettings()), seed=0)
    assert found.energy.reading.seconds >= 3
    assert found.energy.examples == pytest.approx(2 * found.energy.seconds / 0.006, rel=0.35)


@pytest.mark.skipif(
    catalogue.availability(catalogue.find("openvino-cpu")) is not None, reason="OpenVINO is not installed"
)
def test_the_engines_own_queue_is_one_more_partition(tmp_path):
    target = catalogue.find("openvino-cpu")
    assert has_queue(target)
    assert not has_queue(catalogue.find("torch-cpu"))
    job = Job(ModelSource(Place("bert-tiny")), target, SHAPES[0])
    made = [artefacts.prepare(job, tmp_path)]
    held = hold(made, conditions(Partition(1, 2), rounds=1, queue=True))
    assert [str(each) for each in held.fillings] == ["1x2", "1x2 queue"]
    assert held.rate(Partition(1, 2, queue=True), SHAPES[0]).value > 0
