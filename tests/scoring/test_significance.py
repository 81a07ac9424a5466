"""Two tests of one question agree, and say 'no difference' where there is none."""

import numpy
import pytest
from simulated_pairs import CLASSES, NUMBERS, System, answered

from benchbench.errors import InputError
from benchbench.records import Marking
from benchbench.scoring.answers import Answers
from benchbench.scoring.significance import mcnemar, permutation


def pair(metric, better, seed, examples=200):
    before, after = answered(metric, (System(1.0), System(better)), examples, 1, numpy.random.default_rng(seed))
    return before.runs[0], after.runs[0]


@pytest.mark.parametrize(("lost", "won", "p_value"), [(0, 0, 1.0), (1, 1, 1.0), (0, 5, 2 / 32), (1, 9, 22 / 1024)])
def test_mcnemar_counts_the_examples_that_only_one_gets_right(lost, won, p_value):
    truth = [0] * 40
    before = [1] * won + [0] * (40 - won)
    after = [0] * (40 - lost) + [1] * lost
    assert mcnemar(Answers(truth, before), Answers(truth, after)) == pytest.approx(p_value)


@pytest.mark.parametrize("better", [1.0, 1.15, 1.3])
@pytest.mark.parametrize("seed", range(3))
def test_mcnemar_and_the_permutation_of_accuracies_agree(better, seed):
    before, after = pair("accuracy", better, seed)
    swapped = permutation(CLASSES, "accuracy", before, after, resamples=4000)
    assert swapped == pytest.approx(mcnemar(before, after), abs=0.03)


@pytest.mark.parametrize("metric", ["f1", "matthews_correlation", "pearson", "spearman"])
def test_a_permutation_finds_a_difference_that_is_there(metric):
    before, after = pair(metric, 1.5, 0)
    marking = NUMBERS if metric in NUMBERS.metrics else CLASSES
    assert permutation(marking, metric, before, after) < 0.01
    assert permutation(marking, metric, before, before) == 1.0


@pytest.mark.parametrize("metric", ["f1", "pearson"])
def test_without_a_difference_a_permutation_rejects_five_times_in_a_hundred(metric):
    marking = NUMBERS if metric in NUMBERS.metrics else CLASSES
    found = [permutation(marking, metric, *pair(metric, 1.0, seed, 100), resamples=199) for seed in range(200)]
    assert 0.02 <= numpy.mean([p_value <= 0.05 for p_value in found]) <= 0.08


def test_answers_of_other_kinds_are_swapped_whole():
    tags = Marking("token-classification", ("f1",))
    truth = [["B-X", "O"], ["O", "B-Y"]] * 20
    assert permutation(tags, "f1", Answers(truth, truth), Answers(truth, [["O", "O"]] * 40)) < 0.01


def test_other_examples_are_refused():
    with pytest.raises(InputError, match="other examples"):
        mcnemar(Answers([0, 1], [0, 1]), Answers([0, 0], [0, 1]))
