"""Which fine-tuned model teaches a task, and whether it can be had."""

from __future__ import annotations

from collections.abc import Sequence

from benchbench.errors import InputError
from benchbench.models import loading as models
from benchbench.models.source import ModelSource
from benchbench.places import HUB, bare, is_file
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
    """Fail before anything runs when the teacher cannot be had, or a local one is none for this task.

    Raises `InputError` or `Unavailable`.
    """
    source = source_of(task, distillation)
    models.check(source)
    if source.model.path is not None:
        label_order(source, task)


def label_order(source: ModelSource, task: Task) -> Sequence[int]:
    """Where the teacher has each of the task's labels: by name where its configuration names them, else as they come.

    Raises `InputError` when its head is not one for this task: loading would then draw a random one.
    """
    from transformers import AutoConfig

    place = models.locate(source)
    config = AutoConfig.from_pretrained(place.path or place.name, trust_remote_code=False)
    fine_tuned = any(name.endswith("ForSequenceClassification") for name in config.architectures or ())
    if not fine_tuned or config.num_labels != task.num_labels:
        what = f"no classifier with {task.num_labels} labels"
        raise InputError(f"the teacher {place.path or place.name} is {what}; fine-tune it on {task.name}")
    names = [_plain(str(config.id2label[number])) for number in range(task.num_labels)]
    wanted = [_plain(label) for label in task.labels]
    if sorted(names) == sorted(wanted):
        return [names.index(label) for label in wanted]
    return list(range(task.num_labels))


def _plain(label: str) -> str:
    return label.lower().replace("-", "_").replace(" ", "_")
