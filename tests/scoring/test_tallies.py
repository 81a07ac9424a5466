"""A metric from sums over examples is the metric itself, on all examples and on any resample of them."""

import numpy
import pytest

from benchbench.quantities import METRICS
from benchbench.records import Marking
from benchbench.scoring.answers import Answers, outcomes
from benchbench.scoring.tallies import tally

EXAMPLES = 60
TAGS = ("O", "B-PER", "I-PER", "B-LOC")
TEXTS = ("the old mill", "a mill", "mill", "river", "")


def classes(rng, count):
    return rng.integers(0, count, EXAMPLES).tolist()


def answered(kind, rng, count=2):
    """Answers that are right more often than not."""
    if kind == "classification":
        truth, other = classes(rng, count), classes(rng, count)
    elif kind == "multi-label":
        truth, other = ((rng.random((EXAMPLES, 4)) < [0.5, 0.3, 0.1, 0]).astype(int).tolist() for _ in range(2))
    elif kind == "regression":
        truth = rng.integers(0, 6, EXAMPLES).astype(float).tolist()
        return Answers(truth, (numpy.array(truth) + 1000 + rng.normal(size=EXAMPLES).round(1)).tolist())
    elif kind == "token-classification":
        truth, other = (rng.choice(TAGS, size=(EXAMPLES, 5)).tolist() for _ in range(2))
    else:
        truth, other = ([str(rng.choice(TEXTS)) for _ in range(EXAMPLES)] for _ in range(2))
        keep = rng.random(EXAMPLES) < 0.7
        given = [right if kept else wrong for right, wrong, kept in zip(truth, other, keep, strict=True)]
        return Answers([[right] if right else [] for right in truth], given)
    keep = rng.random(EXAMPLES) < 0.7
    return Answers(truth, [right if kept else wrong for right, wrong, kept in zip(truth, other, keep, strict=True)])


CASES = [(metric.name, kind, 2) for metric in METRICS.values() for kind in metric.kinds]


@pytest.mark.parametrize(("metric", "kind", "labels"), [*CASES, ("matthews_correlation", "classification", 4)])
@pytest.mark.parametrize("seed", range(3))
def test_a_tally_counts_what_the_metric_compares(metric, kind, labels, seed):
    rng = numpy.random.default_rng(seed)
    marking = Marking(kind, (metric,), ("no", "yes"), positive=0)
    answers = answered(kind, rng, labels)
    numbers = [rng.integers(0, EXAMPLES, EXAMPLES) for _ in range(5)]
    counts = numpy.array([numpy.bincount(drawn, minlength=EXAMPLES) for drawn in numbers]).astype(float)
    compared = outcomes(marking, answers).metrics[metric]
    found = tally(marking, metric, answers).values(counts, numpy.zeros(5), numpy.zeros(5))
    assert found == pytest.approx([compared(drawn) for drawn in numbers], abs=1e-9)


@pytest.mark.parametrize(("metric", "kind", "labels"), [case for case in CASES if case[1] != "regression"])
def test_an_example_more_that_is_right_helps_and_one_that_is_wrong_harms(metric, kind, labels):
    marking = Marking(kind, (metric,), ("no", "yes"))
    answers = answered(kind, numpy.random.default_rng(0), labels)
    ones, two, none = numpy.ones((1, EXAMPLES)), numpy.full(1, 2.0), numpy.zeros(1)
    counted = tally(marking, metric, answers)
    wrong, as_it_is, right = (
        float(counted.values(ones, *extra)[0]) for extra in ((none, two), (none, none), (two, none))
    )
    assert wrong < as_it_is < right


def test_an_example_more_is_as_often_of_a_rare_class_as_of_a_common_one():
    """Of a perfect classifier, and of one that is wrong about two examples more of each class."""
    truth = [0] * 9 + [1] * 3
    ones, one, none = numpy.ones((1, 12)), numpy.ones(1), numpy.zeros(1)
    for metric in ("f1", "accuracy", "matthews_correlation", "macro_f1"):
        marking = Marking("classification", (metric,), ("no", "yes"))
        perfect = tally(marking, metric, Answers(truth, truth))
        mixed = tally(marking, metric, Answers([*truth, 0, 0, 1, 1], [*truth, 1, 1, 0, 0]))
        expected = mixed.values(numpy.ones((1, 16)), none, none)
        assert perfect.values(ones, none, 4 * one) == pytest.approx(expected)


def test_a_class_that_is_nowhere_gets_no_example_more():
    answers = Answers([0, 0, 1, 3], [0, 1, 1, 3])  # never 2
    marking = Marking("classification", ("macro_f1",), ("a", "b", "c", "d"))
    counted, ones, few = tally(marking, "macro_f1", answers), numpy.ones((1, 4)), numpy.full(1, 1e-6)
    assert counted.values(ones, few, 0 * few) == pytest.approx(counted.values(ones, 0 * few, 0 * few), abs=1e-5)


def test_constant_answers_have_no_correlation():
    marking = Marking("regression", ("pearson", "spearman"))
    answers = Answers([0.1, 0.7, 0.3], [0.1, 0.1, 0.1])
    for metric in marking.metrics:
        assert tally(marking, metric, answers).values(numpy.ones((1, 3)), numpy.zeros(1), numpy.zeros(1)) == [0.0]
