"""Where a task's examples come from: the hub, local files, or a generator. Never one in place of another."""

from __future__ import annotations

from pathlib import Path

from benchbench.errors import InputError
from benchbench.tasks.task import Task, TaskData


def load(task: Task, source: str) -> TaskData:
    """The examples of `task` from `source`: 'hub' or 'local:DIR'. A synthetic task is generated whatever the source.

    Raises `InputError` or `Unavailable`.
    """
    if task.synthetic:
        from benchbench.tasks import synthetic

        return synthetic.generate(task)
    if source == "hub":
        from benchbench.tasks import hub

        return hub.load(task)
    from benchbench.tasks import tsv

    return tsv.load(task, _folder(task, source))


def check(task: Task, source: str) -> None:
    """Fail before anything runs when `load` would: missing folders, malformed rows, a hub that does not answer."""
    if task.synthetic:
        return
    if source == "hub":
        from benchbench.tasks import hub

        hub.check(task)
    else:
        from benchbench.tasks import tsv

        tsv.check(task, _folder(task, source))


def _folder(task: Task, source: str) -> Path:
    kind, _, folder = source.partition(":")
    if kind == "local" and folder:
        return Path(folder)
    raise InputError(f"data {source!r} does not serve the real task {task.name}: use hub or local:DIR")
