"""Examples from the rows of a user's own table: a text or a pair of texts, with a label, several labels or a score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbench.errors import InputError
from benchbench.quantities.metrics import METRICS
from benchbench.tasks import labels
from benchbench.tasks.formats import rows, scores
from benchbench.tasks.labels import Labels
from benchbench.tasks.task import Task

if TYPE_CHECKING:
    from benchbench.tasks.custom import CustomTask

Columns = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Read:
    """A file's examples. `notes`: what was done to them."""

    columns: Columns
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableReader:
    """Reads the files of a task; `labels` are those of its training file, or as the user names them."""

    task: Task
    custom: CustomTask
    labels: Labels

    def read(self, path: Path) -> Read:
        """The examples of a file.

        Raises `InputError` with file and line for an empty text, a label that training does not have, a score that is
        no number, and whatever else does not fit.
        """
        custom = self.custom
        names = {"text": custom.text}
        if custom.text_pair is not None:
            names["text_pair"] = custom.text_pair
        columns: Columns = {name: [] for name in (*names, "label")}
        left_out: Counter[str] = Counter()
        for where, row in rows.read(path, custom.table):
            value = row[custom.label]
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
            return scores.number(value, where)
        if self.task.kind == "multi-label":
            given = {self._known(word, where) for word in labels.several(value, self.custom.label_separator, where)}
            return [float(number in given) for number in range(len(self.task.labels))]
        return self._known(labels.word(value, where), where)

    def _known(self, word: str, where: str) -> int:
        if word not in self.task.labels:
            raise InputError(f"{where}: unknown label {word[:50]!r}; known: {', '.join(self.task.labels)[:200]}")
        return self.task.labels.index(word)


def reader(name: str, custom: CustomTask) -> TableReader:
    """What reads the task called `name`. Raises `InputError` as `TableReader.read` does, and where its labels cannot be
    told or do not suit its metrics.
    """
    path, none = custom.train_file, custom.no_label
    if custom.kind == "regression":
        known = Labels((), frozenset(none or ()))
    elif custom.labels:
        known = labels.given(custom.labels, none)
    elif custom.kind == "multi-label":
        known = labels.found(set(_several(custom, path)), none or (), f"{path}, column {custom.label!r}")
    else:
        known = labels.found(set(_words(custom, path)), none, f"{path}, column {custom.label!r}")
    task = Task(name, name, custom.kind, custom.wanted_metrics, known.names, _positive(name, custom, known))
    return TableReader(task, custom, known)


def _positive(name: str, custom: CustomTask, known: Labels) -> int:
    """The number of the positive label; 1 where no metric asks."""
    asking = [metric for metric in custom.wanted_metrics if METRICS[metric].two_classes]
    if custom.kind != "classification" or not asking:
        return 1
    if len(known.names) != 2:
        raise InputError(
            f"task {name}: {asking[0]} needs two labels, and {custom.train_file.name} has {len(known.names)}; "
            "use accuracy or macro_f1"
        )
    return labels.positive(known.names, custom.positive, ordered=bool(custom.labels), where=f"task {name}")


def _words(custom: CustomTask, path: Path) -> Iterator[str]:
    missing = frozenset(custom.no_label or ())
    for where, row in rows.read(path, custom.table):
        value = row[custom.label]
        yield shown if (shown := labels.written(value)) in missing else labels.word(value, where)


def _several(custom: CustomTask, path: Path) -> Iterator[str]:
    missing = frozenset(custom.no_label or ())
    for where, row in rows.read(path, custom.table):
        value = row[custom.label]
        if labels.written(value) not in missing:
            yield from labels.several(value, custom.label_separator, where)


def _notes(path: Path, left_out: Counter[str]) -> tuple[str, ...]:
    return tuple(
        f"{count} rows of {path.name} have no gold label ({value!r}) and are left out"
        for value, count in sorted(left_out.items())
    )


def _text(value: Any, column: str, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{where}: no text in column {column!r}; leave the row out or fill it")
    return value
