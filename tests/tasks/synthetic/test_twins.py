"""Synthetic twins: the same for everyone, shaped like the tasks they stand for, and not solved by counting words."""

import numpy
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from benchbench.tasks import registry, synthetic

# Tokens by WordPiece in the real task's train split (both texts, special tokens counted): mean, spread.
LENGTHS = {"sst2-synthetic": (13.3, 9), "rte-synthetic": (70, 42), "stsb-synthetic": (31, 15)}


@pytest.fixture(scope="module", params=LENGTHS)
def twin(request):
    return synthetic.generate(registry.find(request.param))


def test_the_same_seed_gives_the_same_examples(twin):
    again, other = (synthetic.generate(twin.task, seed) for seed in (0, 1))
    assert again.fingerprint == twin.fingerprint != other.fingerprint
    assert again.train[:5] == twin.train[:5]


def test_no_evaluation_example_was_trained_on(twin):
    def texts(split):
        return set(zip(*(split[c] for c in ("text", "text_pair") if c in split.column_names), strict=True))

    assert not texts(twin.train) & texts(twin.evaluation["validation"])


def test_lengths_are_near_those_of_the_real_task(twin):
    columns = [twin.train[c] for c in ("text", "text_pair") if c in twin.train.column_names]
    lengths = [len(ids) for ids in synthetic.tokenizer()(*(list(c) for c in columns))["input_ids"]]
    mean, spread = LENGTHS[twin.task.name]
    assert numpy.mean(lengths) == pytest.approx(mean, rel=0.25)
    assert numpy.std(lengths) == pytest.approx(spread, rel=0.35)


def test_columns_labels_and_metrics_are_the_real_tasks(twin):
    real = registry.find(twin.task.twin_of)
    assert twin.task.metrics[0] in real.metrics
    assert twin.task.labels == real.labels
    assert twin.task.kind == real.kind


def test_counting_words_does_not_solve_the_pair_task():
    data = synthetic.generate(registry.find("rte-synthetic"))

    def words(split):
        return [
            " ".join([*(f"a:{w}" for w in a.split()), *(f"b:{w}" for w in b.split())])
            for a, b in zip(split["text"], split["text_pair"], strict=True)
        ]

    counts = CountVectorizer(token_pattern=r"\S+", binary=True)
    train, held_out = data.train, data.evaluation["validation"]
    model = LogisticRegression(max_iter=300, C=0.1).fit(counts.fit_transform(words(train)), train["label"])
    accuracy = model.score(counts.transform(words(held_out)), held_out["label"])
    assert accuracy < 0.62  # the tiny networks reach 0.65 to 0.8 in the suite quick
