"""A claim of 'no worse' is supported, refuted or left open, and says what would decide."""

import numpy
import pytest
from simulated_pairs import CLASSES, System, answered, true_score

from benchbench.scoring.answers import Answers
from benchbench.scoring.noninferiority import Margin, no_worse


def pair(examples, lost, won=0, accuracy=0.9):
    """A baseline, and a candidate that gets `lost` of its right answers wrong and `won` of its wrong ones right."""
    right = round(accuracy * examples)
    before = numpy.arange(examples) < right
    after = before.copy()
    after[:lost], after[right : right + won] = False, True
    return [[Answers([1] * examples, given.astype(int).tolist())] for given in (before, after)]


@pytest.mark.parametrize(
    ("examples", "lost", "decision"),
    [(2000, 0, "supported"), (2000, 8, "supported"), (2000, 18, "undecided"), (2000, 60, "not supported")],
)
@pytest.mark.parametrize("margin", [Margin(0.01), Margin(0.01 / 0.9, relative=True)])
def test_a_margin_decides(examples, lost, decision, margin):
    found = no_worse(CLASSES, "accuracy", *pair(examples, lost), margin)
    assert found.decision == decision
    assert found.excess.value == pytest.approx(0.01 - lost / examples)
    assert (found.examples_needed is None) == (decision != "undecided")


def test_a_few_examples_decide_nothing_even_where_all_answers_are_the_same():
    found = no_worse(CLASSES, "accuracy", *pair(100, 0), Margin(0.01, relative=True))
    assert found.decision == "undecided"
    assert 200 < found.examples_needed < 600  # the rule of three: 3 / 0.009


@pytest.mark.parametrize(("lost", "won", "by"), [(12, 4, 0.012), (40, 6, 0.03)])
def test_as_many_examples_as_it_says_decide(lost, won, by):
    undecided = no_worse(CLASSES, "accuracy", *pair(1000, lost, won), Margin(by))
    assert undecided.decision == "undecided"
    times = undecided.examples_needed / 1000
    assert times > 1
    for factor, decided in ((0.6, False), (1.2, True)):
        more = [round(count * times * factor) for count in (1000, lost, won)]
        assert (no_worse(CLASSES, "accuracy", *pair(*more), Margin(by)).decision != "undecided") is decided


def test_seeds_decide_where_trainings_differ():
    rng = numpy.random.default_rng(0)
    systems = (System(1.0, wobble=0.1), System(1.0, wobble=0.1))
    before, after = answered("accuracy", systems, 3000, 4, rng)
    found = no_worse(CLASSES, "accuracy", before.runs, after.runs, Margin(0.03))
    assert found.decision == "undecided"
    assert found.seeds == 4
    assert found.seeds_needed > 4


def test_a_false_claim_is_supported_in_five_of_a_hundred_trials_at_most():
    """The candidate is worse by exactly the margin, the least that makes the claim false."""
    rng, supported = numpy.random.default_rng(0), 0
    systems = (System(1.2), System(1.0))
    true = true_score("accuracy", 1.2, 0) - true_score("accuracy", 1.0, 0)
    for trial in range(400):
        before, after = answered("accuracy", systems, 200, 1, rng)
        found = no_worse(CLASSES, "accuracy", before.runs, after.runs, Margin(float(true)), resamples=400, seed=trial)
        supported += found.decision == "supported"
    assert 4 <= supported <= 28
