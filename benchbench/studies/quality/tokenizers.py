"""Which tokenizer an experiment uses: the checkpoint's own, or one trained where weights are random."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from benchbench.errors import InputError
from benchbench.models import loading as models
from benchbench.models.source import ModelSource
from benchbench.places import RANDOM
from benchbench.tasks import synthetic
from benchbench.tasks.task import TaskData

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_TEXTS_LOOKED_AT = 1000


def tokenizer_for(source: ModelSource, data: TaskData) -> tuple[PreTrainedTokenizerBase, str]:
    """A tokenizer and, in words, where it comes from.

    Random weights know no vocabulary, so theirs is trained: on all synthetic texts for a synthetic task, else on the
    task's own training text. Raises `InputError` where a checkpoint's tokenizer knows no word of the task.
    """
    if source.weights != RANDOM:
        own = models.tokenizer(source)
        if not _knows_any(own, data):
            where = source.weights.path or source.model.path or source.name
            raise InputError(
                f"the tokenizer of {where} knows no word of {data.task.name}; is it this checkpoint's own?"
            )
        return own, "the checkpoint's own"
    if data.task.synthetic:
        return synthetic.tokenizer(), "trained on the synthetic texts"
    from benchbench.tasks.synthetic.wordpiece import train_tokenizer

    return train_tokenizer(synthetic.texts(data.train)), "trained on the task's own training text"


def _knows_any(tokenizer: PreTrainedTokenizerBase, data: TaskData) -> bool:
    """Whether any piece of the first training texts is more than the sign for what is unknown."""
    looked_at = list(islice(synthetic.texts(data.train), _TEXTS_LOOKED_AT))
    rows = tokenizer(looked_at, add_special_tokens=False, verbose=False)["input_ids"]
    return any(piece != tokenizer.unk_token_id for row in rows for piece in row)
