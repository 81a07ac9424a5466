"""A model that is fine-tuned already and is scored as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from benchbench.errors import InputError
from benchbench.models.source import ModelSource
from benchbench.places import RANDOM
from benchbench.records import LearningPoint, Subject
from benchbench.studies.quality import label_names
from benchbench.tasks import kinds
from benchbench.tasks.task import Task


@dataclass(frozen=True)
class NotTrained:
    """Stands where a training would be: `str` says in a sentence what was done instead. Its facts are those of none."""

    subject: Subject
    precision: None = None
    speed_ups: tuple[str, ...] = ()
    teacher: None = None
    curve: tuple[LearningPoint, ...] = ()

    def __str__(self) -> str:
        return f"{self.subject.model} was not trained here: it is scored as it is"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self))}.</p>"


def order(source: ModelSource, task: Task, named: Sequence[str] | None) -> tuple[int, ...]:
    """Where the checkpoint's head has each of the task's labels, see `label_names.order`. Raises `InputError`."""
    _check_weights(source)
    return label_names.order(source, task, "checkpoint", named)


def check(source: ModelSource, task: Task, named: Sequence[str] | None) -> None:
    """Fail before anything runs where `source` is no checkpoint of `task`, as far as that can be known.

    Raises `InputError` or `Unavailable`.
    """
    _check_weights(source)
    label_names.check(source, task, "checkpoint", named)


def of_task(source: ModelSource, task: Task) -> ModelSource:
    """The same checkpoint with the head that `task` needs."""
    return ModelSource(source.model, source.weights, head=kinds.of(task).head, num_labels=task.num_labels)


def _check_weights(source: ModelSource) -> None:
    if source.weights == RANDOM:
        raise InputError(
            f"training is none, and {source.name} has random weights; give a fine-tuned checkpoint: weights: hub, "
            "with its id or folder as the model, or weights: local:DIR"
        )
