"""A percentile has bounds that hold, or says how many queries it takes."""

import math

import numpy
import pytest
from simulated_machines import DRIFTS, tail_coverage

from benchbench.errors import Missing
from benchbench.meters import statistics
from benchbench.meters.percentiles import percentile

TRIALS = 300


@pytest.mark.parametrize("q", [90, 99])
@pytest.mark.parametrize("drift", DRIFTS)
def test_the_upper_bound_of_a_tail_holds(drift, q):
    found = tail_coverage(DRIFTS[drift], q, TRIALS)
    assert found.upper >= 0.93
    assert found.lower >= 0.90


def test_a_machine_that_spikes_at_random_has_its_tail_told():
    assert tail_coverage(DRIFTS["spikes"], 99, 50).given > 0.9


def rounds(values):
    """A query a round, in several processes."""
    return [[[float(value)] for value in process] for process in values]


def drawn(*shape):
    return 10 * numpy.random.default_rng(0).lognormal(0, 0.3, shape)


@pytest.mark.parametrize(("q", "least"), [(90, 29), (99, 299)])
def test_a_tail_needs_so_many_queries_that_one_lies_beyond_it(q, least):
    values = drawn(1, least)
    found = percentile(rounds(values), q)
    assert found.value == pytest.approx(numpy.percentile(values, q))
    assert found.low < found.value <= found.high == values.max()
    assert percentile(rounds(values[:, 1:]), q) == Missing(f"needs {least} queries, has {least - 1}")


def test_percentiles_are_those_of_all_queries():
    values = drawn(3, 50)
    found = percentile(rounds(values), 90)
    assert found.value == pytest.approx(numpy.percentile(values, 90))
    assert found.low < found.value < found.high


def test_the_bounds_are_the_binomial_ones_of_the_share_of_queries():
    values = numpy.arange(1.0, 1001.0)
    found = percentile(rounds([numpy.random.default_rng(0).permutation(values)]), 99)
    # Of 1000 queries at most 984 are below with probability 0.04, at least 995 with 0.07 and at least 996 with 0.03.
    assert (found.low, found.high) == (985, 996)


def test_queries_that_are_slow_together_count_as_fewer():
    quick, slow = numpy.full(380, 10.0), numpy.full(20, 30.0)
    apart = numpy.random.default_rng(0).permutation([*quick, *slow])
    assert percentile(rounds([apart]), 99).high == 30
    together = percentile(rounds([[*quick[:190], *slow, *quick[190:]]]), 99)
    assert together.reason.startswith("needs 299 queries, has 400 that count as ")


def test_queries_of_one_moment_are_no_evidence_about_bursts():
    queries = (drawn(30, 50) / 50).tolist()  # 30 slices of 10 ms
    assert percentile([queries], 99) == Missing("needs 299 queries, has 1500 that count as 30")
    assert percentile([queries], 90).high > 0


def test_a_long_round_of_different_texts_has_several_moments():
    texts = (10 * drawn(20, 50)).tolist()  # twenty rounds of five seconds
    assert percentile([texts], 99).high > 0


def test_the_same_texts_again_are_no_more_texts():
    times = (10 * drawn(20, 50)).tolist()
    assert percentile([times], 99, texts=50) == Missing("needs 299 queries, has 1000 that count as 50")
    assert percentile([times], 90, texts=50).high > percentile([times], 90).high


def test_processes_that_differ_count_as_few():
    alike = drawn(4, 100)
    apart = alike * numpy.array([[1.0], [1.5], [2.0], [2.5]])
    assert percentile(rounds(alike), 90).half_width < 0.1
    assert isinstance(percentile(rounds(apart), 90), Missing)


@pytest.mark.parametrize("times", [[[[2.0, 2.1, 2.2]]], [[[2.0] * 500]]])
def test_one_round_says_nothing_about_its_own_error(times):
    assert statistics.median(times).high == math.inf
    assert isinstance(percentile(times, 99), Missing)
