"""A linear model of texts learns what is there to learn, of one text and of two, and stays the same on disk."""

import random

import numpy
import pytest

from benchbench.models import linear_text

WORDS = {0: ["quiet", "still", "soft"], 1: ["storm", "crash", "roar"]}


@pytest.fixture(scope="module")
def texts():
    draw = random.Random(0)
    labels = [draw.randint(0, 1) for _ in range(120)]
    return [(" ".join([*draw.choices(WORDS[label], k=3), "sea"]),) for label in labels], labels


def test_classes(texts, tmp_path):
    given, labels = texts
    model = linear_text.fit(given[:80], labels[:80], "classification")
    logits = model.logits(given[80:])
    assert (logits.shape, logits.dtype) == ((40, 2), numpy.float32)
    assert logits.argmax(axis=1).tolist() == labels[80:]
    model.save(tmp_path)
    assert numpy.array_equal(linear_text.load(tmp_path).logits(given[80:]), logits)
    three = linear_text.fit(given[:81], [*labels[:80], 2], "classification")
    assert three.logits(given[:1]).shape == (1, 3)


def test_several_labels_at_once(texts):
    given, labels = texts
    model = linear_text.fit(given[:80], [[label, 1 - label, 1] for label in labels[:79]] + [[0, 0, 0]], "multi-label")
    applies = model.logits(given[80:]) > 0
    assert applies[:, 0].tolist() == [label == 1 for label in labels[80:]]
    assert applies[:, 1].tolist() == [label == 0 for label in labels[80:]]


def test_how_alike_two_texts_are():
    """Not to be told by either text alone."""
    draw, words = random.Random(0), [f"w{n}" for n in range(400)]
    pairs, alike = [], []
    for _ in range(300):
        first = draw.sample(words, 8)
        kept = draw.randint(0, 8)
        pairs.append((" ".join(first), " ".join([*first[:kept], *draw.sample(words, 8 - kept)])))
        alike.append(kept / 8)
    model = linear_text.fit(pairs[:200], alike[:200], "regression")
    assert numpy.corrcoef(model.logits(pairs[200:])[:, 0], alike[200:])[0, 1] > 0.8


def test_one_class_alone_is_nothing_to_learn(texts):
    with pytest.raises(ValueError, match="class"):
        linear_text.fit(texts[0], [1] * 120, "classification")
