"""Text made tokens without the library that models come from: the same tokens, in the same batches."""

from dataclasses import replace

import pytest

from benchbench.studies.quality import study as quality
from benchbench.studies.workers.answering import Reading
from benchbench.targets.protocol import Shape

TRAINING = {"epochs": 1, "max_length": 16}


@pytest.fixture(scope="module", params=["sst2-synthetic", "rte-synthetic", "conll2003-synthetic"])
def task(request, tmp_path_factory):
    """An experiment on one text, on a pair, on words, and the folder where it is saved."""
    experiment = quality.load(
        model="bert-tiny", weights="random", task=request.param, data="synthetic", training=TRAINING
    )
    folder = tmp_path_factory.mktemp(request.param)
    experiment.save(folder)
    return experiment, folder


def test_every_batch_has_the_tokens_that_are_scored(task):
    experiment, folder = task
    texts, reading = experiment.texts(8), experiment.reading(folder, 8)
    assert texts.longest == TRAINING["max_length"]  # some are cut
    assert reading.differs(texts, range(texts.batches)) is None
    assert reading.batch(0, Shape(8, 32))["input_ids"].shape == (8, 32)


def test_other_tokens_are_noticed(task):
    experiment, folder = task
    reading = experiment.reading(folder, 8)
    shorter = Reading(reading.written, replace(reading.tokeniser, max_length=9))
    assert "other tokens of text" in shorter.differs(experiment.texts(8), range(4)).reason


def test_the_share_of_texts_that_are_cut_is_counted(task):
    experiment, _ = task
    for split, tokens in experiment.tokens.evaluation.items():
        full = sum(len(ids) == TRAINING["max_length"] for ids in tokens["input_ids"]) / len(tokens)
        longer = quality.load(
            **{
                **{"model": "bert-tiny", "weights": "random", "task": experiment.parameters.task, "data": "synthetic"},
                "training": {"epochs": 1, "max_length": 256},
            }
        )
        beyond = [len(ids) > TRAINING["max_length"] for ids in longer.tokens.evaluation[split]["input_ids"]]
        assert experiment.truncated_share(split) == sum(beyond) / len(beyond) <= full
        assert longer.truncated_share(split) == 0
