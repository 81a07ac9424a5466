"""Which fine-tuned model teaches a task, and whether it can be had."""

from __future__ import annotations

from benchbench.errors import InputError
from benchbench.models import loading as models
from benchbench.models.source import ModelSource
from benchbench.places import HUB, bare, is_file
from benchbench.studies.quality import label_names
from benchbench.suites.schema import Distillation
from benchbench.tasks.task import Task


def source_of(task: Task, distillation: Distillation) -> ModelSource:
    """The teacher of `task`. Raises `InputError` for a task whose answers are not one label or score an example."""
    if task.kind not in ("classification", "regression"):
        raise InputError(f"distillation is for classification and regression; {task.name} is {task.kind}")
    place = distillation.teacher
    if place.path is not None:
        chosen = models.checkpoint_in(place.path, task.name)
        if not is_file(chosen / "config.json"):
            raise InputError(f"no teacher at {place.path}: neither config.json nor a folder {task.name} with one")
        place = bare(chosen)
    return ModelSource(place, HUB, num_labels=task.num_labels, lowered=True)


def check(task: Task, distillation: Distillation) -> None:
    """Fail before anything runs when the teacher cannot be had, or is none for this task as far as that can be known.

    Raises `InputError` or `Unavailable`.
    """
    source = source_of(task, distillation)
    models.check(source)
    label_names.check(source, task, "teacher", distillation.labels)
    models.check_tokenizer(source)


def label_order(source: ModelSource, task: Task, distillation: Distillation) -> list[int]:
    """Where the teacher has each of the task's labels, or the one output of a task without. Raises `InputError`."""
    return list(label_names.order(source, task, "teacher", distillation.labels)) or [0]
