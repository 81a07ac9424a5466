"""The short loop is held to transformers' Trainer: the same batches, the same losses, step by step."""

import dataclasses

import numpy
import pytest
import torch

from benchbench.models.loading import build
from benchbench.models.source import ModelSource
from benchbench.studies.training import plain_trainer, short_loop
from benchbench.studies.training.batches import Batches
from benchbench.studies.training.learning_curve import LearningCurve
from benchbench.studies.training.lesson import Lesson
from benchbench.suites.schema import Training
from benchbench.tasks import kinds, synthetic
from benchbench.tasks.registry import find
from benchbench.tasks.tokenization import tokenise

TASKS = ("sst2-synthetic", "stsb-synthetic", "conll2003-synthetic", "squad-synthetic")
SETTINGS = Training(epochs=2, learning_rate=2e-3, batch_size=8, max_length=48, weight_decay=0.3, warmup_fraction=0.2)


class Watched(Lesson):
    """A lesson that remembers each loss."""

    def loss(self, model, batch):
        found = super().loss(model, batch)
        self.__dict__.setdefault("losses", []).append(found[0].item())
        return found


def losses_and_counts(loop, name, training, bf16=False):
    task = find(name)
    data = synthetic.generate(task)
    data = dataclasses.replace(data, train=data.train.select(range(60)))
    tokenizer, kind = synthetic.tokenizer(), kinds.of(task)
    examples = tokenise(data, tokenizer, training.max_length).train
    model = build(ModelSource("bert-tiny", head=kind.head, num_labels=task.num_labels, seed=1))
    model.config.problem_type = kind.problem
    for module in model.modules():  # the Trainer draws other random numbers between its steps
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    curve = LearningCurve(lambda: 0.0, 2)
    lesson = Watched(model, examples, tokenizer, kind, training, 3, curve, bf16)
    batches = Batches.of(examples, lesson.columns(), tokenizer, token_label=kind.no_token_label, pad_to=lesson.pad_to)
    mean = loop(lesson, batches)
    counts = (batches.examples, batches.tokens, batches.padding, [point.examples for point in curve.points])
    return lesson.losses, mean, counts


@pytest.mark.parametrize("name", TASKS)
def test_each_loss_is_that_of_the_trainer(name):
    ours, mean, counts = losses_and_counts(short_loop.run, name, SETTINGS)
    theirs, trainers_mean, trainers_counts = losses_and_counts(plain_trainer.run, name, SETTINGS)
    numpy.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    assert len(ours) > 15
    assert numpy.std(ours) > 0.01
    assert mean == pytest.approx(trainers_mean, rel=1e-4)
    assert counts == trainers_counts


def test_part_of_an_epoch_is_as_many_steps_as_the_trainer_makes():
    part = SETTINGS.model_copy(update={"epochs": 1.4})
    ours, _, counts = losses_and_counts(short_loop.run, "sst2-synthetic", part)
    theirs, _, _ = losses_and_counts(plain_trainer.run, "sst2-synthetic", part)  # it has made a batch too many
    numpy.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
    assert counts[0] == 8 * len(ours) - 4


@pytest.mark.parametrize("changes", [{"group_by_length": False, "padding": "max_length"}, {"precision": "bf16"}])
def test_so_it_is_with_the_settings_of_the_usual_script_and_in_bf16(changes):
    training = SETTINGS.model_copy(update=changes)
    bf16 = training.precision == "bf16"
    ours, _, counts = losses_and_counts(short_loop.run, "sst2-synthetic", training, bf16)
    theirs, _, trainers_counts = losses_and_counts(plain_trainer.run, "sst2-synthetic", training, bf16)
    numpy.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)
    assert counts == trainers_counts
