"""Which tokenizer an experiment uses: the checkpoint's own, or one trained where weights are random."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchbench.models import loading as models
from benchbench.models.source import ModelSource
from benchbench.places import RANDOM
from benchbench.tasks import synthetic
from benchbench.tasks.task import TaskData

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def tokenizer_for(source: ModelSource, data: TaskData) -> tuple[PreTrainedTokenizerBase, str]:
    """A tokenizer and, in words, where it comes from.

    Random weights know no vocabulary, so theirs is trained: on all synthetic texts for a synthetic task, else on the
    task's own training text.
    """
    if source.weights != RANDOM:
        return models.tokenizer(source), "the checkpoint's own"
    if data.task.synthetic:
        return synthetic.tokenizer(), "trained on the synthetic texts"
    from benchbench.tasks.synthetic.wordpiece import train_tokenizer

    return train_tokenizer(synthetic.texts(data.train)), "trained on the task's own training text"
