"""Logits marked as a study marks them, without a model or tokens."""

import numpy

from benchbench.scoring.answers import outcomes
from benchbench.tasks import kinds


def classified(task, logits, labels):
    """What `logits` (examples, labels) get right of a task of whole texts."""
    answers = kinds.of(task).answers(task, {"label": labels}, None, numpy.asarray(logits))
    return outcomes(kinds.marking(task), answers)
