"""Reading a task from local files in their official layout: GLUE's zips, CoNLL files, SQuAD's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbench.errors import InputError
from benchbench.places import is_folder
from benchbench.tasks import fingerprint
from benchbench.tasks.formats import conll, squad, tsv
from benchbench.tasks.task import ConllLayout, SquadLayout, Task, TaskData, TsvLayout

if TYPE_CHECKING:
    import datasets

Layout = TsvLayout | ConllLayout | SquadLayout


def load(task: Task, folder: Path, called: str, trained_on: Task | None = None) -> TaskData:
    """The task's examples from `folder`, in the layout of the official files (`RTE/train.tsv`, …).

    `called`: what a record calls `folder`. `trained_on`: the task that `task.trained_on` names. Raises `InputError` for
    a missing file, and with file and line for a row that does not fit.
    """
    import datasets

    layout = layout_of(task)
    train = datasets.Dataset.from_dict(_train(task, folder, trained_on))
    evaluation: Mapping[str, datasets.Dataset] = {
        _split(file): datasets.Dataset.from_dict(_columns(task, layout, folder / layout.folder / file))
        for file in layout.evaluation
    }
    return TaskData(
        task=task,
        train=train,
        evaluation=evaluation,
        origin=f"{called}/{layout.folder}",
        fingerprint=fingerprint.of(train, evaluation),
    )


def load_test(task: Task, folder: Path) -> Mapping[str, datasets.Dataset]:
    """The unlabelled test splits of a GLUE task, with the columns `text` and `text_pair`. Raises `InputError`."""
    import datasets

    layout = layout_of(task)
    if not isinstance(layout, TsvLayout):
        raise InputError(f"task {task.name} has no test files to predict")
    return {
        _split(file): datasets.Dataset.from_dict(tsv.test_columns(layout, folder / layout.folder / file))
        for file in layout.test
    }


def check(task: Task, folder: Path, trained_on: Task | None = None) -> int:
    """Read every row that `load` would, so that a bad one is found before anything runs. Raises `InputError`.

    Returns how many examples there are to train on.
    """
    layout = layout_of(task)
    if not is_folder(folder):
        raise InputError(f"no data at {folder}: the folder does not exist; unpack the official files there")
    train = _train(task, folder, trained_on)
    for file in layout.evaluation:
        _columns(task, layout, folder / layout.folder / file)
    return min(map(len, train.values()))


def layout_of(task: Task) -> Layout:
    """The task's layout. Raises `InputError` for a task that has no local files."""
    if task.local is None:
        raise InputError(f"task {task.name} cannot be read from local files")
    return task.local


def _train(task: Task, folder: Path, trained_on: Task | None) -> dict[str, list[Any]]:
    source = trained_on or task
    layout = layout_of(source)
    return _columns(source, layout, folder / layout.folder / layout.train)


def _columns(task: Task, layout: Layout, path: Path) -> dict[str, list[Any]]:
    if isinstance(layout, TsvLayout):
        return tsv.columns(task, layout, path)
    if isinstance(layout, ConllLayout):
        return conll.columns(path, task.labels)
    return squad.columns(path)


def _split(file: str) -> str:
    """'dev.tsv' is the split 'validation', 'dev_matched.tsv' is 'matched', 'test.tsv' is 'test'."""
    stem = Path(file).stem
    for prefix in ("dev_", "test_"):
        stem = stem.removeprefix(prefix)
    return "test" if stem in ("test", "diagnostic") else stem if stem.endswith("matched") else "validation"
