"""Reading a task from the official GLUE zips: tab-separated, never quoted, each file with habits of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from benchbench.errors import InputError
from benchbench.tasks.task import Task, TaskData, TsvLayout

if TYPE_CHECKING:
    import datasets


def load(task: Task, folder: Path) -> TaskData:
    """The task's examples from `folder`, in the layout of the official zips (`RTE/train.tsv`, …).

    Raises `InputError` for a missing file, and with file and line for a row that does not fit.
    """
    import datasets

    layout, digest = layout_of(task), hashlib.sha256()
    splits: dict[str, datasets.Dataset] = {}
    for file in (layout.train, *layout.evaluation):
        path = folder / layout.folder / file
        splits[file] = datasets.Dataset.from_dict(_columns(task, path))
        digest.update(path.read_bytes())
    return TaskData(
        task=task,
        train=splits[layout.train],
        evaluation={_split(file): splits[file] for file in layout.evaluation},
        origin=f"local:{folder.name}/{layout.folder}",
        fingerprint=digest.hexdigest(),
    )


def check(task: Task, folder: Path) -> None:
    """Read every row that `load` would, so that a bad one is found before anything runs. Raises `InputError`."""
    layout = layout_of(task)
    if not folder.is_dir():
        raise InputError(f"no data at {folder}: the folder does not exist; unpack the GLUE zips there")
    for file in (layout.train, *layout.evaluation):
        for _ in examples(task, folder / layout.folder / file):
            pass


def layout_of(task: Task) -> TsvLayout:
    """The task's layout. Raises `InputError` for a task that has no local files."""
    if task.tsv is None:
        raise InputError(f"task {task.name} cannot be read from local files")
    return task.tsv


def examples(task: Task, path: Path) -> Iterator[tuple[tuple[str, ...], int | float]]:
    """Texts and label of each row of a training or evaluation file.

    Fields are never unquoted: the quotation marks in MRPC and STS-B are part of the text. Raises `InputError` with
    file and line for a row with the wrong number of columns, an unknown label, or bytes that are not UTF-8.
    """
    layout = layout_of(task)
    names: list[str] = []
    for number, line in _lines(path):
        fields = line.split("\t")
        if layout.header and number == 1:
            names = fields
            continue
        where = f"{path}, line {number}"
        wanted = len(names) if layout.header else layout.columns
        if len(fields) < wanted and layout.cut_rows:
            continue
        if len(fields) != wanted:
            raise InputError(f"{where}: {len(fields)} columns instead of {wanted}; is the file cut or edited?")
        texts = tuple(_field(fields, names, column, path) for column in layout.text_columns)
        yield texts, _label(task, _field(fields, names, layout.label_column, path), where)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; DIR must hold the official GLUE folders") from error
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not raw.strip(b"\r"):
            continue
        try:
            yield number, raw.decode().rstrip("\r")
        except UnicodeDecodeError:
            raise InputError(f"{path}, line {number}: not UTF-8; save the file as UTF-8") from None


def _field(fields: list[str], names: list[str], column: str | int, path: Path) -> str:
    if isinstance(column, int):
        return fields[column]
    if column not in names:
        raise InputError(f"{path}, line 1: no column {column!r} among {', '.join(names)[:200]}")
    return fields[names.index(column)]


def _label(task: Task, text: str, where: str) -> int | float:
    if not task.labels:
        try:
            return float(text)
        except ValueError:
            raise InputError(f"{where}: the score {text[:50]!r} is not a number") from None
    if text in task.labels:
        return task.labels.index(text)
    if text.isdecimal() and int(text) < len(task.labels):
        return int(text)
    raise InputError(f"{where}: unknown label {text[:50]!r}; known: {', '.join(task.labels)}")


def _columns(task: Task, path: Path) -> Mapping[str, list[object]]:
    rows = list(examples(task, path))
    columns: dict[str, list[object]] = {"text": [texts[0] for texts, _ in rows]}
    if len(layout_of(task).text_columns) == 2:
        columns["text_pair"] = [texts[1] for texts, _ in rows]
    return {**columns, "label": [label for _, label in rows]}


def _split(file: str) -> str:
    return file.removesuffix(".tsv").replace("dev_", "").replace("dev", "validation")
