"""Metrics agree with the libraries that define them, and their intervals hold the value."""

import dataclasses

import numpy
import pytest
import scipy.stats
import sklearn.metrics
from scored import classified

from benchbench.scoring.outcomes import with_intervals
from benchbench.tasks import registry
from benchbench.tasks.task import Task

CLASSES = Task("any", "any", "classification", ("accuracy", "f1", "matthews_correlation"), ("no", "yes"))
SCORES = Task("any", "any", "regression", ("pearson", "spearman"))


def scores(task, logits, labels):
    return classified(task, numpy.asarray(logits), labels).scores()


@pytest.mark.parametrize("seed", range(20))
def test_classification_metrics_equal_scikit_learn(seed):
    rng = numpy.random.default_rng(seed)
    labels, logits = rng.integers(0, 2, 200), rng.normal(size=(200, 2))
    predictions = logits.argmax(axis=1)
    found = scores(CLASSES, logits, labels)
    assert found["accuracy"] == pytest.approx(sklearn.metrics.accuracy_score(labels, predictions))
    assert found["f1"] == pytest.approx(sklearn.metrics.f1_score(labels, predictions))
    assert found["matthews_correlation"] == pytest.approx(sklearn.metrics.matthews_corrcoef(labels, predictions))


@pytest.mark.parametrize("seed", range(5))
def test_f1_of_either_label_equals_scikit_learn(seed):
    rng = numpy.random.default_rng(seed)
    labels, logits = rng.integers(0, 2, 200), rng.normal(size=(200, 2))
    for positive in (0, 1):
        task = dataclasses.replace(CLASSES, positive=positive)
        expected = sklearn.metrics.f1_score(labels, logits.argmax(axis=1), pos_label=positive)
        assert scores(task, logits, labels)["f1"] == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(10))
def test_macro_f1_of_classes_equals_scikit_learn_also_where_some_are_absent(seed):
    rng = numpy.random.default_rng(seed)
    labels, logits = rng.choice([0, 1, 4], 60), rng.normal(size=(60, 6))
    logits[:, 2] -= 9
    task = Task("any", "any", "classification", ("macro_f1",), tuple("abcdef"))
    expected = sklearn.metrics.f1_score(labels, logits.argmax(axis=1), average="macro")
    assert scores(task, logits, labels) == {"macro_f1": pytest.approx(expected)}


@pytest.mark.parametrize("seed", range(10))
def test_metrics_of_several_labels_equal_scikit_learn(seed):
    rng = numpy.random.default_rng(seed)
    labels, logits = (rng.random((80, 4)) < 0.3).astype(float), rng.normal(size=(80, 4))
    labels[:, 3], logits[:, 3] = 0.0, -1.0  # neither there nor predicted
    task = Task("any", "any", "multi-label", ("micro_f1", "macro_f1", "exact_match"), tuple("abcd"))
    predicted = logits > 0
    assert scores(task, logits, labels.tolist()) == {
        "micro_f1": pytest.approx(sklearn.metrics.f1_score(labels, predicted, average="micro")),
        "macro_f1": pytest.approx(
            sklearn.metrics.f1_score(labels, predicted, average="macro", zero_division=numpy.nan)
        ),
        "exact_match": pytest.approx(sklearn.metrics.accuracy_score(labels, predicted)),
    }


def test_no_labels_anywhere_is_all_right_and_one_answer():
    task = Task("any", "any", "multi-label", ("micro_f1", "macro_f1", "exact_match"), ("a", "b"))
    nothing = classified(task, -numpy.ones((3, 2)), numpy.zeros((3, 2)))
    assert nothing.scores() == {"micro_f1": 0.0, "macro_f1": 0.0, "exact_match": 1.0}
    assert nothing.one_answer
    assert classified(task, numpy.tile([1.0, -1.0], (3, 1)), numpy.zeros((3, 2))).one_answer
    assert not classified(task, numpy.array([[1.0, -1.0], [-1.0, 1.0]]), numpy.zeros((2, 2))).one_answer


@pytest.mark.parametrize("seed", range(5))
def test_matthews_correlation_of_three_classes_equals_scikit_learn(seed):
    rng = numpy.random.default_rng(seed)
    labels, logits = rng.integers(0, 3, 200), rng.normal(size=(200, 3))
    task = registry.find("ax")
    expected = sklearn.metrics.matthews_corrcoef(labels, logits.argmax(axis=1))
    assert scores(task, logits, labels)["matthews_correlation"] == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(20))
def test_correlations_equal_scipy_ties_too(seed):
    rng = numpy.random.default_rng(seed)
    labels = rng.integers(0, 6, 200).astype(float)
    logits = labels[:, None] + rng.normal(size=(200, 1)).round(1)
    found = scores(SCORES, logits, labels)
    assert found["pearson"] == pytest.approx(scipy.stats.pearsonr(labels, logits[:, 0]).statistic)
    assert found["spearman"] == pytest.approx(scipy.stats.spearmanr(labels, logits[:, 0]).statistic)


def test_constant_predictions_score_what_they_are_worth():
    labels = numpy.array([0, 1, 1, 0])
    always_no = numpy.tile([1.0, 0.0], (4, 1))
    assert scores(CLASSES, always_no, labels) == {"accuracy": 0.5, "f1": 0.0, "matthews_correlation": 0.0}
    assert scores(SCORES, numpy.ones((4, 1)), labels.astype(float)) == {"pearson": 0.0, "spearman": 0.0}


@pytest.mark.parametrize("seed", range(5))
def test_intervals_lie_around_their_value_and_narrow_with_examples(seed):
    rng = numpy.random.default_rng(seed)
    logits, labels = rng.normal(size=(2000, 2)), rng.integers(0, 2, 2000)
    few, many = (with_intervals(classified(CLASSES, logits[:n], labels[:n]), resamples=200) for n in (50, 2000))
    for name in CLASSES.metrics:
        assert all(scored.low < scored.value < scored.high for scored in (few[name], many[name]))
        narrower = (few[name].high - few[name].low) / (many[name].high - many[name].low)
        assert narrower == pytest.approx((2000 / 50) ** 0.5, rel=0.5)


def test_the_interval_of_a_share_is_as_wide_as_the_binomial_says():
    labels = numpy.arange(400) % 4 == 0  # a quarter is answered wrongly
    scored = with_intervals(classified(CLASSES, numpy.tile([1.0, 0.0], (400, 1)), labels.astype(int)))["accuracy"]
    assert scored.value == 0.75
    reach = 1.96 * (0.75 * 0.25 / 400) ** 0.5
    assert (scored.low, scored.high) == pytest.approx((0.75 - reach, 0.75 + reach), abs=0.01)


def test_an_interval_of_two_examples_still_holds_its_value():
    scored = with_intervals(classified(SCORES, numpy.array([[0.0], [1.0]]), numpy.array([0.0, 1.0])), resamples=200)
    assert all(each.low <= each.value <= each.high for each in scored.values())


def test_intervals_are_the_same_for_the_same_seed():
    rng = numpy.random.default_rng(0)
    outcomes = classified(CLASSES, rng.normal(size=(50, 2)), rng.integers(0, 2, 50))
    assert with_intervals(outcomes, 100, seed=1) == with_intervals(outcomes, 100, seed=1)


def test_an_interval_covers_the_true_accuracy_about_95_times_in_100():
    rng, covered = numpy.random.default_rng(0), 0
    task = dataclasses.replace(CLASSES, metrics=("accuracy",))
    for _ in range(200):
        labels = numpy.zeros(150, dtype=int)
        right = rng.random(150) < 0.8
        logits = numpy.stack([right, ~right], axis=1).astype(float)
        scored = with_intervals(classified(task, logits, labels), resamples=200)["accuracy"]
        covered += scored.low <= 0.8 <= scored.high
    assert 180 <= covered <= 199
