"""Intervals mean what they say, also on machines that drift."""

import numpy
import pytest
from simulated_machines import DRIFTS, coverage, in_turn, one_after_the_other

from benchbench.meters import statistics

TRIALS = 1000


@pytest.mark.parametrize("drift", DRIFTS)
def test_an_interval_of_runs_in_turn_covers_the_true_ratio(drift):
    assert coverage(in_turn, DRIFTS[drift], TRIALS) >= 0.93


def test_one_after_the_other_covers_it_far_less_often():
    found = {drift: coverage(one_after_the_other, DRIFTS[drift], 300) for drift in DRIFTS}
    assert found["linear drift"] < 0.5
    assert found["periodic noise"] < 0.5
    assert found["bimodal clock"] < 0.6


def rounds(values):
    return [[[value] for value in process] for process in values]


def test_a_ratio_above_one_means_that_the_candidate_is_faster():
    generator = numpy.random.default_rng(0)
    slow, fast = (rounds(base * generator.lognormal(0, 0.01, (4, 30))) for base in (3.0, 1.0))
    found = statistics.ratio(slow, fast)
    assert found.value == pytest.approx(3, rel=0.01)
    assert found.low < found.value < found.high


def test_drift_that_hits_both_leaves_the_ratio_alone():
    drift = numpy.linspace(1, 5, 40)
    found = statistics.ratio(rounds([2 * drift, 2 * drift]), rounds([drift, drift]))
    assert found.value == pytest.approx(2)
    assert found.half_width < 1e-6


def test_processes_that_differ_widen_the_interval():
    generator = numpy.random.default_rng(0)
    noise = generator.lognormal(0, 0.01, (4, 30))
    offsets = numpy.array([0.9, 1.0, 1.1, 1.2])[:, None]
    alike, differing = (statistics.ratio(rounds(noise * by), rounds(numpy.ones((4, 30)))) for by in (1.0, offsets))
    assert differing.half_width > 5 * alike.half_width


MANY_TIMES = [[[2.0, 2.1], [2.0, 2.2], [2.1, 2.0]], [[2.0, 2.1], [2.2, 2.0], [2.1, 2.1]]]


@pytest.mark.parametrize("interval_of", [statistics.median, statistics.mean])
@pytest.mark.parametrize(
    ("times", "known"),
    [
        ([[[2.0, 2.1, 2.2]]], False),  # one round of one process says nothing about its own error
        (MANY_TIMES, True),
    ],
)
def test_an_interval_of_times_lies_above_zero_or_is_none(interval_of, times, known):
    found = interval_of(times)
    assert statistics.known(found) == known
    assert found.low > 0 or not known


@pytest.mark.parametrize("other", [30.0, 1e6, 1e12])
def test_processes_of_quite_different_speed_have_no_interval_rather_than_an_enormous_one(other):
    times = [[[2.0], [2.0]], [[other], [other]]]
    assert not statistics.known(statistics.mean(times))
    assert not statistics.known(statistics.ratio(times, rounds([[1.0, 1.0], [1.0, 1.0]])))


def test_one_round_has_no_interval_of_a_ratio():
    found = statistics.ratio([[[2.0]]], [[[1.0]]])
    assert found.value == pytest.approx(2)
    assert not statistics.known(found)
