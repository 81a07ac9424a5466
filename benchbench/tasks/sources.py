"""Where a task's examples come from: the hub, local files, or a generator. Never one in place of another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from benchbench.errors import InputError
from benchbench.places import HUB, Place
from benchbench.tasks import registry
from benchbench.tasks.task import Task, TaskData

if TYPE_CHECKING:
    import datasets


def load(task: Task, source: Place) -> TaskData:
    """The examples of `task` from `source`: 'hub' or 'local:DIR'. A synthetic task is generated whatever the source.

    Raises `InputError` or `Unavailable`.
    """
    if task.synthetic:
        from benchbench.tasks import synthetic

        return synthetic.generate(task)
    if source == HUB:
        from benchbench.tasks import hub

        return hub.load(task, _trained_on(task))
    from benchbench.tasks import local

    return local.load(task, _folder(task, source), source.name, _trained_on(task))


def load_test(task: Task, source: Place) -> Mapping[str, datasets.Dataset]:
    """The unlabelled test splits of a GLUE task, to be predicted for a submission: `text` and `text_pair`.

    Raises `InputError` or `Unavailable`.
    """
    if task.name not in registry.GLUE:
        raise InputError(f"task {task.name} has no test split for the GLUE leaderboard; leave out predict_test")
    if source == HUB:
        from benchbench.tasks import hub

        return hub.load_test(task)
    from benchbench.tasks import local

    return local.load_test(task, _folder(task, source))


def tests_of(task: Task) -> tuple[Task, ...]:
    """The tasks whose test splits a model trained on `task` predicts: its own, and diagnostics (AX after MNLI)."""
    return task, *(other for other in registry.TASKS.values() if other.trained_on == task.name)


def check_test(task: Task, source: Place) -> None:
    """Fail before anything runs when `load_test` would for one of `tests_of(task)`, as far as that can be known."""
    for tested in tests_of(task):
        if source == HUB and tested.hub and tested.hub.test:
            continue
        load_test(tested, source)


def check(task: Task, source: Place) -> int:
    """Fail before anything runs when `load` would: missing folders, malformed rows, a hub that does not answer.

    Returns how many examples there are to train on, of the hub's about how many.
    """
    if task.synthetic:
        return task.train_examples
    if source == HUB:
        from benchbench.tasks import hub

        hub.check(task)
        return task.train_examples
    from benchbench.tasks import local

    return local.check(task, _folder(task, source), _trained_on(task))


def _trained_on(task: Task) -> Task | None:
    return registry.find(task.trained_on) if task.trained_on else None


def _folder(task: Task, source: Place) -> Path:
    if source.path is not None:
        return source.path
    raise InputError(f"data {source.name!r} does not serve the real task {task.name}: use hub or local:DIR")
