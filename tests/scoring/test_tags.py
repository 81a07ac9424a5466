"""Entities are scored whole, as seqeval and the CoNLL script do."""

import numpy
import pytest

from benchbench.scoring.outcomes import with_intervals
from benchbench.scoring.tags import entities, score


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("O B-PER I-PER O", {("PER", 1, 2)}),
        ("B-PER B-PER", {("PER", 0, 0), ("PER", 1, 1)}),
        ("I-PER I-PER O I-LOC", {("PER", 0, 1), ("LOC", 3, 3)}),
        ("B-PER I-LOC I-LOC", {("PER", 0, 0), ("LOC", 1, 2)}),
        ("O O", set()),
        ("B-A-B I-A-B", {("A-B", 0, 1)}),
    ],
)
def test_entities_are_those_of_seqeval_and_the_conll_script(tags, expected):
    assert entities(tags.split()) == expected


def test_an_entity_counts_when_its_type_and_both_ends_are_right():
    gold = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "O"]]
    assert score(gold, gold).scores() == {"f1": 1.0}
    shorter = [["B-PER", "O", "O", "B-LOC"], ["O", "O"]]
    assert score(gold, shorter).scores()["f1"] == pytest.approx(2 * 1 / (2 + 2))
    assert score(gold, [["O"] * 4, ["O"] * 2]).scores() == {"f1": 0.0}
    assert score([["O"]], [["O"]]).scores() == {"f1": 0.0}


@pytest.mark.parametrize("seed", range(10))
def test_f1_equals_seqeval(seed):
    seqeval = pytest.importorskip("seqeval.metrics")
    rng = numpy.random.default_rng(seed)
    names = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
    gold, predicted = (rng.choice(names, size=(50, 9)).tolist() for _ in range(2))
    assert score(gold, predicted).scores()["f1"] == pytest.approx(seqeval.f1_score(gold, predicted))


def test_intervals_hold_the_f1():
    names = ["O", "B-PER", "I-PER"]
    gold, predicted = (numpy.random.default_rng(seed).choice(names, size=(40, 6)).tolist() for seed in (0, 1))
    scored = with_intervals(score(gold, predicted), resamples=200)["f1"]
    assert scored.low < scored.value < scored.high
