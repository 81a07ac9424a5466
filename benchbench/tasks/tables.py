"""Examples from the rows of a user's own table: a text or a pair of texts, with a label, several labels or a score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchbench.errors import InputError
from benchbench.quantities.metrics import METRICS, TaskKind
from benchbench.tasks import labels
from benchbench.tasks.formats import finite, rows
from benchbench.tasks.formats.rows import Table
from benchbench.tasks.labels import Labels
from benchbench.tasks.task import Task

Columns = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class OwnTable:
    """What a user says of a table: see `custom.CustomTask`."""

    train_file: Path
    table: Table
    kind: TaskKind
    metrics: tuple[str, ...]
    text: str
    text_pair: str | None
    label: str
    labels: tuple[str, ...]
    no_label: tuple[str, ...] | None
    positive: str | None
    label_separator: str | None


@dataclass(frozen=True, slots=True)
class Read:
    """A file's examples. `notes`: what was done to them."""

    columns: Columns
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableReader:
    """Reads the files of a task; `labels` are those of its training file, or as the user names them."""

    task: Task
    own: OwnTable
    labels: Labels

    def read(self, path: Path) -> Read:
        """The examples of a file.

        Raises `InputError` with file and line for an empty text, a label that training does not have, a score that is
        no number, and whatever else does not fit.
        """
        own = self.own
        names = {"text": own.text}
        if own.text_pair is not None:
            names["text_pair"] = own.text_pair
        columns: Columns = {name: [] for name in (*names, "label")}
        left_out: Counter[str] = Counter()
        for where, row in rows.read(path, own.table):
            value = row[own.label]
            if (shown := labels.written(value)) in self.labels.none:
                left_out[shown] += 1
                continue
            for name, column in names.items():
                columns[name].append(_text(row[column], column, where))
            columns["label"].append(self._label(value, where))
        if not columns["label"]:
            raise InputError(f"{path}: no rows" + (" with a gold label" if left_out else ""))
        return Read(columns, _notes(path, left_out))

    def _label(self, value: Any, where: str) -> int | float | list[float]:
        if self.task.kind == "regression":
            return finite.number(value, where)
        if self.task.kind == "multi-label":
            given = {self._known(word, where) for word in labels.several(value, self.own.label_separator, where)}
            return [float(number in given) for number in range(len(self.task.labels))]
        return self._known(labels.word(value, where), where)

    def _known(self, word: str, where: str) -> int:
        if word not in self.task.labels:
            raise InputError(f"{where}: unknown label {word[:50]!r}; known: {', '.join(self.task.labels)[:200]}")
        return self.task.labels.index(word)


def reader(name: str, own: OwnTable) -> TableReader:
    """What reads the task called `name`. Raises `InputError` as `TableReader.read` does, and where its labels cannot be
    told or do not suit its metrics.
    """
    path, none = own.train_file, own.no_label
    if own.kind == "regression":
        known = Labels((), frozenset(none or ()))
    elif own.labels:
        known = labels.given(own.labels, none)
    elif own.kind == "multi-label":
        known = labels.found(set(_several(own, path)), none or (), f"{path}, column {own.label!r}")
    else:
        known = labels.found(set(_words(own, path)), none, f"{path}, column {own.label!r}")
    task = Task(name, name, own.kind, own.metrics, known.names, _positive(name, own, known))
    return TableReader(task, own, known)


def _positive(name: str, own: OwnTable, known: Labels) -> int:
    """The number of the positive label; 1 where no metric asks."""
    asking = [metric for metric in own.metrics if METRICS[metric].two_classes]
    if own.kind != "classification" or not asking:
        return 1
    if len(known.names) != 2:
        raise InputError(
            f"task {name}: {asking[0]} needs two labels, and {own.train_file.name} has {len(known.names)}; "
            "use accuracy or macro_f1"
        )
    return labels.positive(known.names, own.positive, ordered=bool(own.labels), where=f"task {name}")


def _words(own: OwnTable, path: Path) -> Iterator[str]:
    missing = frozenset(own.no_label or ())
    for where, row in rows.read(path, own.table):
        value = row[own.label]
        yield shown if (shown := labels.written(value)) in missing else labels.word(value, where)


def _several(own: OwnTable, path: Path) -> Iterator[str]:
    missing = frozenset(own.no_label or ())
    for where, row in rows.read(path, own.table):
        value = row[own.label]
        if labels.written(value) not in missing:
            yield from labels.several(value, own.label_separator, where)


def _notes(path: Path, left_out: Counter[str]) -> tuple[str, ...]:
    return tuple(
        f"left out of {path.name}, without a gold label ({value!r}): {count}"
        for value, count in sorted(left_out.items())
    )


def _text(value: Any, column: str, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{where}: no text in column {column!r}; leave the row out or fill it")
    return value
