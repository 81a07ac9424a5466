"""What a record holds of processes that share the cores, and why where it holds nothing."""

from dataclasses import replace

import pytest
import sleeping_engine

from benchbench import machine
from benchbench.studies.efficiency import serving
from benchbench.studies.efficiency import study as efficiency
from benchbench.studies.efficiency.instances import filled

SETTINGS = {"partitions": ["2x1"], "rounds": 3, "seconds": 0.2, "energy": False}


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Of an engine that sleeps, on two cores in name."""
    first = min(machine.usable_cpus())
    monkeypatch.setattr("benchbench.machine.usable_cores_apart", lambda: [[first], [first]])
    monkeypatch.setattr("benchbench.machine.threads", lambda wanted=None: 2)

    def make(fault="", **settings):
        return efficiency.load(
            target=str(sleeping_engine.write(tmp_path, fault)),
            models=["bert-tiny"],
            batch_sizes=(1, 4),
            sequence_lengths=(16, 32),
            budget_seconds=4,
            scenarios={"instances": SETTINGS | settings},
        )

    return make


def test_every_way_has_its_values_at_every_batch_size(study):
    found = serving.server(study())
    tails = {absence.quantity: absence.reason for absence in found.absences}
    assert "needs 299 queries" in tails["latency_p99"]
    values = {(m.subject.instances, m.subject.batch_size, m.quantity): m for m in found.measurements}
    assert {m.subject.scenario for m in found.measurements} == {"instances"}
    assert {m.subject.sequence_length for m in found.measurements} == {16}
    for size in (1, 4):
        one, two = (values[way, size, "throughput"] for way in ("1x2", "2x1"))
        gain = values["2x1", size, "instances_gain"]
        assert gain.value == pytest.approx(two.value / one.value)
        assert one.ci_low < one.value < one.ci_high
        assert values["2x1", size, "latency_p50"].value >= 5
        assert ("1x2", size, "instances_gain") not in values
    assert values["2x1", None, "instances_memory"].value > values["1x2", None, "instances_memory"].value > 1e7


def test_a_way_that_fails_is_an_absence_and_the_other_has_its_values(study):
    found = filled(study("dies while it answers", rounds=1))
    (absent,) = [absence for absence in found.absences if absence.quantity is None]
    assert "ended with code 7" in absent.reason
    ways = {m.subject.instances for m in found.measurements}
    assert ways | {absent.subject.instances} == {"1x2", "2x1"}
    assert len(ways) == 1


def test_nothing_is_measured_where_nobody_asked_or_no_process_can_be_pinned(study, monkeypatch):
    there = study()
    assert serving.server(efficiency.load(target="torch-cpu", models=["bert-tiny"])).measurements == ()
    monkeypatch.setattr("benchbench.machine.cannot_pin", lambda: "this system cannot pin")
    (absent,) = filled(there).absences
    assert (absent.reason, absent.subject.scenario) == ("this system cannot pin", "instances")


def test_on_a_gpu_there_are_no_cores_to_share(study):
    there = study()
    (absent,) = filled(replace(there, target=replace(there.target, device="cuda"), unavailable=None)).absences
    assert "cuda" in absent.reason
