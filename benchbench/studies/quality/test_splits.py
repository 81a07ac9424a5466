"""What a fine-tuned model says about the unlabelled test splits of GLUE, for a submission to the leaderboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from benchbench.places import Place
from benchbench.records import REFERENCE, Predictions
from benchbench.studies.quality.training import predict
from benchbench.suites.schema import Training
from benchbench.tasks import kinds, sources
from benchbench.tasks.kinds.sequence_classification import predictions as predicted
from benchbench.tasks.task import Task

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedTokenizerBase


def predict_tests(
    model: nn.Module, task: Task, source: Place, tokenizer: PreTrainedTokenizerBase, training: Training
) -> tuple[Predictions, ...]:
    """Predictions of the test splits of `task`, and of the diagnostics that a model trained on it predicts (AX).

    Raises `InputError` or `Unavailable` where a split is missing.
    """
    found = []
    for tested in sources.tests_of(task):
        for split, examples in sources.load_test(tested, source).items():
            tokens = kinds.of(tested).tokenise_evaluation(examples, tokenizer, training.max_length)
            logits = numpy.stack(predict(model, tokens, tokenizer, training.batch_size))
            answers = tuple(predicted(tested, logits).tolist())
            found.append(Predictions(tested.name, split, None, {REFERENCE: answers}))
    return tuple(found)
