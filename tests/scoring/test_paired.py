"""The interval of a difference of two scores holds the true one, and is as narrow as pairing and seeds allow."""

import time

import numpy
import pytest
from simulated_pairs import CLASSES, NUMBERS, System, answered, expected

from benchbench.errors import InputError
from benchbench.records import Marking
from benchbench.scoring.answers import Answers, agreement, outcomes
from benchbench.scoring.outcomes import with_intervals
from benchbench.scoring.paired import change, mean_score, score_change, shared

BASELINE, CANDIDATE = System(1.0, wobble=0.05), System(1.15, wobble=0.1)
METRICS = ("accuracy", "f1", "matthews_correlation", "pearson")


def marking_of(metric):
    return NUMBERS if metric in NUMBERS.metrics else CLASSES


def width(interval):
    return interval.high - interval.low


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("seeds", "trials"), [(1, 400), (5, 200)])
def test_the_interval_covers_the_true_difference(metric, seeds, trials):
    rng, covered = numpy.random.default_rng(0), 0
    between_systems = expected(metric, CANDIDATE) - expected(metric, BASELINE)
    for trial in range(trials):
        before, after = answered(metric, (BASELINE, CANDIDATE), 150, seeds, rng)
        true = between_systems if seeds > 1 else after.true_scores[0] - before.true_scores[0]
        found = score_change(marking_of(metric), metric, before.runs, after.runs, resamples=400, seed=trial)
        covered += found.low <= true <= found.high
    assert 0.93 <= covered / trials < 1


@pytest.mark.parametrize("metric", ["f1", "matthews_correlation"])
def test_it_covers_where_few_examples_have_the_label(metric):
    """About 33 of 408, of which 70 % are found; one right answer in twenty changes, and one wrong one in ten."""
    right = numpy.array([0.97, 0.7])  # by truth
    truths = numpy.repeat([0, 1], [92_000, 8_000])
    shared = numpy.random.default_rng(1)

    def answers(truth, rng):
        found = rng.random(len(truth)) < right[truth]
        changed = rng.random(len(truth)) < numpy.where(found, 0.05, 0.1)
        return [Answers(truth, numpy.where(side, truth, 1 - truth)) for side in (found, found ^ changed)]

    scores = [outcomes(CLASSES, run).scores()[metric] for run in answers(numpy.tile(truths, 10), shared)]
    true, rng, covered = scores[1] - scores[0], numpy.random.default_rng(0), 0
    for trial in range(250):
        before, after = answers((rng.random(408) < 0.08).astype(int), rng)
        found = score_change(CLASSES, metric, [before], [after], resamples=300, seed=trial)
        covered += found.low <= true <= found.high
    assert 0.93 <= covered / 250 < 1


def mean_widths(metric, numbers_of_seeds, **training):
    """Over many trials, of the interval of the same difference after so many trainings."""
    rng, systems = numpy.random.default_rng(0), (System(1.0, **training), System(1.15, **training))
    widths = []
    for seeds in numbers_of_seeds:
        pairs = [answered(metric, systems, 200, seeds, rng) for _ in range(40)]
        marking = marking_of(metric)
        found = [score_change(marking, metric, before.runs, after.runs, resamples=300) for before, after in pairs]
        widths.append(numpy.mean([width(interval) for interval in found]))
    return widths


@pytest.mark.parametrize("metric", ["accuracy", "pearson"])
def test_more_seeds_narrow_it(metric):
    """Trainings are equally good here, and differ in which examples they get wrong."""
    widths = mean_widths(metric, (1, 3, 5, 10), churn=0.2)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.75 * widths[0]


def test_more_seeds_narrow_it_where_trainings_differ():
    three, five, ten = mean_widths("accuracy", (3, 5, 10), wobble=0.2)
    assert five < 0.8 * three
    assert ten < 0.8 * five


def test_pairing_halves_the_interval_of_two_systems_that_agree():
    """As many examples as MRPC has for evaluation, an accuracy of 0.85, one answer in twenty changed."""
    rng = numpy.random.default_rng(0)
    truth = (rng.random(408) < 0.68).astype(int)
    before = numpy.where(rng.random(408) < 0.85, truth, 1 - truth)
    after = numpy.where(rng.random(408) < 0.05, 1 - before, before)
    runs = [Answers(truth.tolist(), given.tolist()) for given in (before, after)]
    assert agreement(CLASSES, *runs) == pytest.approx(0.95, abs=0.02)
    for metric in CLASSES.metrics:
        alone = [with_intervals(outcomes(CLASSES, run))[metric] for run in runs]
        unpaired = (width(alone[0]) ** 2 + width(alone[1]) ** 2) ** 0.5
        assert width(score_change(CLASSES, metric, [runs[0]], [runs[1]])) <= unpaired / 2


def test_targets_of_the_same_trainings_are_paired_by_seed():
    """However much trainings differ, what int8 costs each of them is known well."""
    rng = numpy.random.default_rng(0)
    (before,) = answered("accuracy", (System(1.0, wobble=0.3),), 400, 5, rng)
    after = [Answers(run.truth, numpy.where(rng.random(400) < 0.03, 0, run.given).tolist()) for run in before.runs]
    paired = score_change(CLASSES, "accuracy", before.runs, after, same_training=True)
    assert width(paired) < width(score_change(CLASSES, "accuracy", before.runs, after)) / 4


def test_systems_may_have_different_numbers_of_seeds():
    before, after = answered("f1", (BASELINE, CANDIDATE), 200, 5, numpy.random.default_rng(0))
    three, one = (score_change(CLASSES, "f1", before.runs[:seeds], after.runs) for seeds in (3, 1))
    assert three.low < three.value < three.high
    assert width(one) > width(three)
    with pytest.raises(InputError, match="3 trainings of the baseline cannot be paired with 5 of the candidate"):
        score_change(CLASSES, "f1", before.runs[:3], after.runs, same_training=True)
    by_seed = dict(enumerate(before.runs))
    assert shared(by_seed, {number: by_seed[number] for number in (3, 1)}) == ([before.runs[1], before.runs[3]],) * 2


def test_systems_that_answer_alike_are_not_known_to_do_so_on_other_examples():
    """Where none of n examples differs, up to about 3 / n of all may (the rule of three)."""
    truth = [0, 1] * 200
    found = score_change(CLASSES, "accuracy", [Answers(truth, truth)], [Answers(truth, truth)])
    assert found.value == 0
    assert 2 / 400 < found.high < 4 / 400
    assert -4 / 400 < found.low < -2 / 400


def test_the_p_value_of_no_difference_is_small_where_the_interval_leaves_out_zero():
    before, after = answered("accuracy", (System(1.0), System(2.0)), 300, 3, numpy.random.default_rng(0))
    assert change(CLASSES, "accuracy", before.runs, after.runs).p_value() < 0.01
    assert change(CLASSES, "accuracy", before.runs, before.runs).p_value() > 0.5


def test_the_interval_of_a_mean_score_narrows_with_seeds_and_holds_the_true_one():
    rng, system, covered, widths = numpy.random.default_rng(0), System(1.0, wobble=0.1), 0, {3: [], 10: []}
    true = expected("accuracy", system)
    for _ in range(100):
        for seeds, found in widths.items():
            (trained,) = answered("accuracy", (system,), 100, seeds, rng)
            interval = mean_score(CLASSES, "accuracy", trained.runs, resamples=300)
            covered += interval.low <= true <= interval.high
            found.append(width(interval))
    assert covered >= 186
    assert numpy.mean(widths[10]) < numpy.mean(widths[3])


def test_the_same_seed_draws_the_same():
    before, after = answered("pearson", (BASELINE, CANDIDATE), 50, 2, numpy.random.default_rng(0))
    first, second = (score_change(NUMBERS, "pearson", before.runs, after.runs, seed=3) for _ in range(2))
    assert first == second


def test_ten_thousand_examples_take_seconds_at_most():
    before, after = answered("f1", (BASELINE, CANDIDATE), 10_000, 1, numpy.random.default_rng(0))
    begun = time.process_time()
    score_change(CLASSES, "f1", before.runs, after.runs)
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    ("truth", "message"),
    [
        ([0, 1, 1], "the candidate's run 2 of 2 answers 3 examples, the baseline's first 4: score both on the same"),
        ([0, 1, 1, 0, 0], "the candidate's run 2 of 2 answers 5 examples"),
        ([0, 1, 0, 0], "has other examples than the baseline's first: for example 3 the truth is 0, not 1"),
    ],
)
def test_other_examples_are_refused_in_one_line(truth, message):
    right = Answers([0, 1, 1, 0], [0, 1, 1, 0])
    with pytest.raises(InputError, match=message) as refused:
        score_change(CLASSES, "accuracy", [right], [right, Answers(truth, truth)])
    assert "\n" not in str(refused.value)


def test_nothing_to_compare_is_refused():
    with pytest.raises(InputError, match="no answers to compare"):
        score_change(CLASSES, "accuracy", [], [Answers([0], [0])])
    with pytest.raises(InputError, match="2 answers to 3 examples"):
        Answers([0, 1, 1], [0, 1])
    right, broken = Answers([0.0, 1.0], [0.0, 1.0]), Answers([0.0, 1.0], [0.0, float("nan")])
    with pytest.raises(InputError, match="the answer to example 2 is nan, not a number to compare"):
        score_change(NUMBERS, "pearson", [right], [broken])


def test_agreement_is_the_share_of_equal_answers_or_their_correlation():
    assert agreement(CLASSES, Answers([0, 1, 1, 0], [0, 0, 1, 1]), Answers([0, 1, 1, 0], [0, 0, 1, 0])) == 0.75
    tags = Marking("token-classification", ("f1",))
    truth = [["O", "O"], ["B-X"]]
    assert agreement(tags, Answers(truth, truth), Answers(truth, [["O", "B-X"], ["B-X"]])) == 0.5
    assert agreement(NUMBERS, Answers([0.0, 1, 2], [1.0, 2, 4]), Answers([0.0, 1, 2], [2.0, 4, 8])) == pytest.approx(1)
