"""Which fine-tuned model teaches a task, and whether it can be had."""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchbench.errors import InputError
from benchbench.models import loading as models
from benchbench.models.source import ModelSource
from benchbench.places import HUB, bare, is_file
from benchbench.suites.schema import Distillation
from benchbench.tasks.task import Task

_UNNAMED = re.compile(r"label_\d+")


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
    models.check_tokenizer(source)


def label_order(source: ModelSource, task: Task) -> Sequence[int] | None:
    """Where the teacher has each of the task's labels, by name; None where it does not name its own (LABEL_0 and on).

    Raises `InputError` when its head is not one for this task: loading would draw a random one, or mix labels up.
    """
    config = models.config(source)
    where = source.model.path or source.name
    fine_tuned = any(name.endswith("ForSequenceClassification") for name in config.architectures or ())
    if not fine_tuned or models.untrained(source):
        what = f"no classifier with {task.num_labels} labels"
        raise InputError(f"the teacher {where} is {what}; fine-tune it on {task.name}")
    if not task.labels:
        return [0]
    named = {int(number): str(name) for number, name in (config.id2label or {}).items()}
    own = [named.get(number, f"LABEL_{number}") for number in range(task.num_labels)]
    names, wanted = [_plain(name) for name in own], [_plain(label) for label in task.labels]
    if sorted(names) == sorted(wanted):
        return [names.index(label) for label in wanted]
    if all(_UNNAMED.fullmatch(name) for name in names):
        return None
    raise InputError(
        f"the labels of the teacher {where} are {', '.join(own)}, those of {task.name} {', '.join(task.labels)}; "
        "name them alike in id2label of its config.json"
    )


def _plain(label: str) -> str:
    return label.lower().replace("-", "_").replace(" ", "_")
