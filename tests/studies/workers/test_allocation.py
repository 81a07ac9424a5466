"""Where a race's time goes: to what is not decided yet, and to both sides of it."""

import math

import numpy
import pytest
from simulated_machines import CONTESTANTS, DRIFTS, SHAPE, TRUE_RATIO, allocated, allocated_coverage

from benchbench.studies.workers.allocation import LEAST_PROCESSES, Allocation, comparisons, divide
from benchbench.targets.shape import Shape

ONE, EIGHT = Shape(1, 128), Shape(8, 128)
MODELS = ("a", "b", "c")
WIDTH = 0.05
ALL = comparisons([ONE, EIGHT], MODELS, MODELS)
ROUND = {ONE: 0.1, EIGHT: 1.0}  # seconds


def planned(half_widths, ran=LEAST_PROCESSES, spent=10.0, processes=8):
    return Allocation(processes, 20.0, WIDTH).next_process(half_widths, ran, spent, ROUND)


def running(plan):
    return {share.shape: set(share.entrants) for share in plan.shares}


def widths(otherwise, **of):
    """`otherwise` for all but pairs and models of batch 1, as in `ab=0.1`."""
    return {c: of.get("".join(c.entrants), otherwise) if c.shape == ONE else otherwise for c in ALL}


def test_each_model_has_its_median_and_each_pair_one_ratio():
    assert {c.entrants for c in ALL} == {("a",), ("b",), ("c",), ("a", "b"), ("a", "c"), ("b", "c")}
    against = comparisons([ONE], ["a"], ["a", "a on other"])
    assert [c.entrants for c in against] == [("a",), ("a", "a on other")]


def test_the_least_number_of_processes_run_everything_whatever_they_find():
    for ran in range(LEAST_PROCESSES):
        assert running(planned(widths(0.001), ran)) == {ONE: set(MODELS), EIGHT: set(MODELS)}


def test_all_decided_ends_the_race():
    assert planned(widths(0.001)) is None


def test_both_sides_of_an_open_ratio_run_on_and_no_one_else():
    assert running(planned(widths(0.01, ab=0.1))) == {ONE: {"a", "b"}}


def test_a_model_whose_own_median_is_open_runs_on_without_the_others():
    assert running(planned(widths(0.01, c=0.1))) == {ONE: {"c"}}


def test_what_no_interval_is_known_of_runs_on():
    assert running(planned(widths(0.01, bc=math.inf))) == {ONE: {"b", "c"}}


def test_the_budget_and_the_number_of_processes_bound_the_race():
    assert planned(widths(1.0), spent=20.0) is None
    assert planned(widths(1.0), ran=8) is None
    assert planned(widths(1.0), spent=19.8) is None, "a round of everything takes longer than what is left"
    assert planned(widths(1.0), ran=1, spent=30.0).seconds == 0, "the least number of processes run all the same"


def test_the_seconds_left_are_shared_among_the_processes_left():
    assert planned(widths(1.0), ran=6, spent=10.0).seconds == 5


def test_few_processes_make_two_rounds_of_each_shape_and_many_may_make_one():
    assert planned(widths(1.0), ran=0, processes=3).least_rounds == 2
    assert planned(widths(1.0), ran=0).least_rounds == 1


def test_the_widest_interval_has_the_most_rounds_and_slow_rounds_their_time():
    half_widths = {c: 0.1 if c.shape == EIGHT else 0.06 for c in ALL}
    plan = planned(half_widths)
    seconds = divide(plan.seconds, plan.shares, ROUND)
    rounds = {shape: seconds[shape] / ROUND[shape] for shape in seconds}
    assert sum(seconds.values()) == pytest.approx(plan.seconds)
    needed, cost = (0.1 / 0.06) ** 2, ROUND[EIGHT] / ROUND[ONE]
    assert rounds[EIGHT] / rounds[ONE] == pytest.approx(needed / math.sqrt(cost))
    assert seconds[EIGHT] > seconds[ONE]


def test_a_shape_that_nothing_runs_at_has_no_seconds():
    plan = planned(widths(1.0))
    assert divide(3.0, plan.shares, {ONE: 0.1}) == {ONE: pytest.approx(3)}


def test_a_quiet_machine_ends_early_and_a_noisy_one_uses_its_budget():
    generator = numpy.random.default_rng(0)
    quiet = allocated(DRIFTS["spikes"], generator, half_width=0.1)
    assert quiet.processes == LEAST_PROCESSES
    noisy = allocated(DRIFTS["spikes"], generator, half_width=0.001)
    assert noisy.processes == 10
    assert noisy.seconds > 1.5 * quiet.seconds


@pytest.mark.parametrize("drift", DRIFTS)
def test_intervals_that_were_waited_for_hold_the_true_ratio_and_medians(drift):
    found = allocated_coverage(DRIFTS[drift], half_width=0.025, trials=100)
    assert found.ratio >= 0.93
    assert found.medians >= 0.93


def test_a_model_against_itself_is_no_different():
    generator = numpy.random.default_rng(0)
    found = [allocated(DRIFTS["spikes"], generator, half_width=0.025, true_ratio=1.0) for _ in range(40)]
    intervals = [race.ratio(*CONTESTANTS, SHAPE) for race in found]
    assert sum(i.low <= 1 <= i.high for i in intervals) >= 37
    assert not any(i.low <= TRUE_RATIO <= i.high for i in intervals)
