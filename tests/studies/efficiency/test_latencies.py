"""Times too few for an interval are shown without one and are not stable."""

import pytest

from benchbench.meters.latency import Interleaved
from benchbench.meters.neighbours import Disturbance
from benchbench.models import zoo
from benchbench.models.source import ModelSource
from benchbench.places import weights
from benchbench.records import OTHER_PROCESSES
from benchbench.studies.efficiency.latencies import latencies, speedups
from benchbench.studies.workers.race import Entrant
from benchbench.studies.workers.race_result import RaceResult
from benchbench.studies.workers.race_worker import Timing
from benchbench.targets import catalogue
from benchbench.targets.protocol import Shape

SHAPE = Shape(2, 32)
ENOUGH = [[[2.0, 2.01]] * 20, [[2.0, 2.02]] * 20]
ONE_ROUND = [[[2.0, 2.01]]]
FAR_APART = [[[2.0]] * 3, [[2000.0]] * 3]


@pytest.fixture(scope="module")
def entrants():
    source, target = ModelSource(zoo.place("bert-tiny"), weights("random")), catalogue.find("torch-cpu")
    return [Entrant(name, source, target) for name in ("one", "other")]


def raced(entrants, times, beside=()):
    """Each of `times` and what ran `beside` it are of one process."""
    beside = beside or [None] * len(times)
    rounds = (
        Interleaved({entrant.name: process for entrant in entrants}, other, 1.0)
        for process, other in zip(times, beside, strict=True)
    )
    return RaceResult([Timing(SHAPE, each) for each in rounds])


def measured(entrants, times, beside=()):
    result = raced(entrants, times, beside)
    timed = latencies(result, entrants, 0.05).measurements
    return {m.quantity: m for m in (*timed, *speedups(result, entrants, entrants, 0.05))}


def test_enough_rounds_have_an_interval(entrants):
    for measurement in measured(entrants, ENOUGH).values():
        assert measurement.stable
        assert 0 < measurement.ci_low <= measurement.value <= measurement.ci_high


@pytest.mark.parametrize(("times", "without"), [(ONE_ROUND, ("latency_p50", "speedup")), (FAR_APART, ("throughput",))])
def test_too_few_rounds_have_none_and_are_not_stable(entrants, times, without):
    found = measured(entrants, times)
    for quantity in ("latency_mean", *without):
        assert (found[quantity].ci_low, found[quantity].ci_high, found[quantity].stable) == (None, None, False)
    assert all(m.ci_low is None or m.ci_low > 0 for m in found.values())


def test_a_percentile_with_too_few_queries_is_absent_with_its_reason_and_has_no_value(entrants):
    varied = [[[2.0 + 7 * i % 11 / 100, 2.0 + 5 * i % 13 / 100] for i in range(20)]] * 2
    assert "latency_p90" in measured(entrants, varied)
    assert not {"latency_p90", "latency_p99"} & measured(entrants, FAR_APART).keys()
    result = raced(entrants[:1], varied)
    (absence,) = latencies(result, entrants[:1], 0.05).absences
    assert (absence.quantity, absence.reason) == ("latency_p99", "needs 299 queries, has 80")
    assert (absence.subject.model, absence.subject.batch_size) == ("bert-tiny", SHAPE.batch_size)


def test_a_neighbour_in_one_of_the_processes_makes_all_values_unstable(entrants):
    quiet, busy = (Disturbance(3.0, 2, 3.0 * taken, 0.0, 0.0, 0) for taken in (0.0, 1.0))
    assert all(m.stable for m in measured(entrants, ENOUGH, (quiet, None)).values())
    for measurement in measured(entrants, ENOUGH, (quiet, busy)).values():
        assert not measurement.stable
        assert measurement.note == f"25 % {OTHER_PROCESSES}"


def test_enough_processes_without_a_neighbour_stand_for_all(entrants):
    quiet, busy = (Disturbance(3.0, 2, 3.0 * taken, 0.0, 0.0, 0) for taken in (0.0, 1.0))
    slow = [[4.0, 4.02]] * 20
    found = measured(entrants, [*ENOUGH, slow, *ENOUGH], (quiet, quiet, busy, quiet, quiet))
    assert all(m.stable and not m.note for m in found.values())
    assert found["latency_p50"].value == pytest.approx(2.01, rel=0.01)
    assert found["latency_p50"].samples == 4 * 40


def test_a_ratio_is_taken_over_the_processes_in_which_both_ran(entrants):
    both, alone = [[2.0, 2.01]] * 20, [[9.0, 9.1]] * 20
    left_out = RaceResult([*raced(entrants, [both] * 4).timings, *raced(entrants[:1], [alone] * 4).timings])
    assert left_out.ratio("one", "other", SHAPE).value == pytest.approx(1)
    assert left_out.rounds(SHAPE, "one", "other") == 80
    assert len(left_out.times("one", SHAPE)) == 8
    (speedup,) = speedups(left_out, entrants[:1], entrants, 0.05)
    assert (speedup.stable, speedup.samples) == (True, 80)
