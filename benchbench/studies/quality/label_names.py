"""Where the head of a fine-tuned model, checkpoint or teacher, has each of a task's labels: by name, never by place.

Published checkpoints of one task differ in the order of their labels (of MNLI there are several), and some name none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from benchbench.errors import InputError
from benchbench.models import loading as models
from benchbench.models.source import Head, ModelSource
from benchbench.tasks.task import Task

Role = Literal["teacher", "checkpoint"]

_UNNAMED = re.compile(r"label_\d+")
_HEADS: Mapping[Head, tuple[str, str]] = {  # how classes with it end, and what such a model is
    "sequence-classification": ("ForSequenceClassification", "classifier"),
    "token-classification": ("ForTokenClassification", "tagger"),
    "question-answering": ("ForQuestionAnswering", "model that answers questions"),
}


def order(source: ModelSource, task: Task, role: Role, named: Sequence[str] | None = None) -> tuple[int, ...]:
    """Where the head has each of the task's labels; empty for a task without labels.

    `named`: what the outputs of a head are, in their order, that itself calls them LABEL_0 and on. Raises `InputError`
    for a head that is none for this task, is not in the file of weights, or has other labels.
    """
    _check_class(source, task, role)
    if lacking := models.untrained(source):
        raise _none(source, task, role, f"the file of weights lacks {lacking[0]}, or has it in another shape")
    return _by_name(source, task, role, named)


def check(source: ModelSource, task: Task, role: Role, named: Sequence[str] | None = None) -> None:
    """Raise what `order` would: of weights in a folder all of it, of those on the hub what their config.json tells."""
    if models.locate(source).path is not None:
        order(source, task, role, named)
    else:
        _check_class(source, task, role)
        _by_name(source, task, role, named)


def _check_class(source: ModelSource, task: Task, role: Role) -> None:
    classes = models.config(source).architectures or ()  # some checkpoints name no class; their weights tell
    if classes and not any(name.endswith(_HEADS[source.head][0]) for name in classes):
        raise _none(source, task, role, f"its config.json says {', '.join(classes)}")
    count = len(models.labels(source))
    if source.head != "question-answering" and count != task.num_labels:
        raise _none(source, task, role, f"it has {count}")


def _by_name(source: ModelSource, task: Task, role: Role, named: Sequence[str] | None) -> tuple[int, ...]:
    if not task.labels:
        return ()
    own = models.labels(source)
    if unnamed := all(_UNNAMED.fullmatch(name.lower()) for name in own):
        own = named or own
    for form in (str, _plain):
        if (found := _places(own, task.labels, form)) is not None:
            return found
    how = "labels: [what LABEL_0 is, …] in the suite says which is which" if unnamed else "name them alike in id2label"
    raise InputError(
        f"the labels of {_who(source, role)} are {', '.join(own)}, those of {task.name} {', '.join(task.labels)}; {how}"
    )


def _places(own: Sequence[str], wanted: Sequence[str], form: Callable[[str], str]) -> tuple[int, ...] | None:
    """Where each of `wanted` stands in `own`, all of them in this form; None where they are not the same, each once."""
    names, labels = [form(name) for name in own], [form(label) for label in wanted]
    if sorted(names) != sorted(labels) or len(set(names)) < len(names):
        return None
    return tuple(names.index(label) for label in labels)


def _plain(label: str) -> str:
    return label.lower().replace("-", "_").replace(" ", "_")


def _none(source: ModelSource, task: Task, role: Role, why: str) -> InputError:
    what = _HEADS[source.head][1]
    if source.head != "question-answering":
        what += f" with {task.num_labels} {'label' if task.num_labels == 1 else 'labels'}"
    return InputError(f"{_who(source, role)} is no {what}: {why}; fine-tune it on {task.name}")


def _who(source: ModelSource, role: Role) -> str:
    place = models.locate(source)
    return f"the {role} {place.path or place.name}"
