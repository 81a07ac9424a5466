"""A user's own task, described in a suite:

tasks:
  tickets:
    path: tickets.csv
    text: message
    label: team
    metrics: [accuracy]
    evaluation_fraction: 0.1
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from benchbench import places
from benchbench.errors import InputError, one_line
from benchbench.places import File
from benchbench.quantities.metrics import METRICS, TaskKind, metrics_of, usual_metrics
from benchbench.tasks import fingerprint
from benchbench.tasks.formats import conll, rows, squad
from benchbench.tasks.formats.rows import TableFormat
from benchbench.tasks.task import Task, TaskData

if TYPE_CHECKING:
    Columns = dict[str, list[Any]]

Column = Annotated[str, Field(min_length=1, max_length=300)]
Format = Literal["csv", "tsv", "jsonl", "parquet", "conll", "squad"]

_FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".conll": "conll",
    ".json": "squad",
}
_DEFAULT_FRACTION = 0.2
_MOST_LABELS = 1000  # more distinct labels than this are scores or texts, not classes


class CustomTask(BaseModel):
    """Where a user's data lies and what its columns mean.

    `path`: the training file, or all data where `evaluation` is not given; then `evaluation_fraction` of it, drawn
    with `split_seed`, is kept for evaluation. `format`: told from the name's ending where left out; tables (csv, tsv,
    jsonl, parquet) are classification or regression, conll is tagging, squad is question answering. `text`,
    `text_pair`, `label`: columns of a table. `labels`: in the order of their numbers; found in the training data
    where left out. Relative files are looked for in the folder of the suite.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    path: File
    evaluation: File | None = None
    evaluation_fraction: Annotated[float, Field(gt=0, lt=1)] | None = None
    split_seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    format: Format | None = None
    regression: bool = False
    text: Column = "text"
    text_pair: Column | None = None
    label: Column = "label"
    labels: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.format is None and self.train_file.suffix.lower() not in _FORMATS:
            raise ValueError(
                f"format of {self.path.name[:200]!r} is not told by its name; give one of csv, tsv, jsonl, …"
            )
        if self.evaluation is not None and self.evaluation_fraction is not None:
            raise ValueError("give evaluation or evaluation_fraction, not both")
        suitable = metrics_of(self.kind)
        wrong = [name for name in self.metrics if name not in suitable]
        if wrong:
            raise ValueError(f"metric {wrong[0]!r} does not suit {self.kind}: use {', '.join(suitable)}")
        if self.regression and (self.labels or self.kind != "regression"):
            raise ValueError("a regression has numbers in a table's column, no labels")
        return self

    @property
    def file_format(self) -> Format:
        return self.format or _FORMATS[self.train_file.suffix.lower()]

    @property
    def kind(self) -> TaskKind:
        if self.file_format == "conll":
            return "token-classification"
        if self.file_format == "squad":
            return "question-answering"
        return "regression" if self.regression else "classification"

    @property
    def train_file(self) -> Path:
        return Path(self.path.in_full)

    @property
    def evaluation_file(self) -> Path | None:
        return None if self.evaluation is None else Path(self.evaluation.in_full)


def load(name: str, custom: CustomTask) -> TaskData:
    """The examples of the task called `name`.

    Raises `InputError` with file and row for a missing column, an empty text, a label that training does not have,
    and whatever else does not fit.
    """
    import datasets

    task = _task(name, custom)
    train = _columns(task, custom, custom.train_file)
    if custom.evaluation_file is not None:
        evaluation = _columns(task, custom, custom.evaluation_file)
    else:
        train, evaluation = _divided(train, custom)
    splits = {"validation": datasets.Dataset.from_dict(evaluation)}
    training = datasets.Dataset.from_dict(train)
    return TaskData(
        task=task,
        train=training,
        evaluation=splits,
        origin=places.local(custom.train_file).name,
        fingerprint=fingerprint.of(training, splits),
        notes=() if custom.evaluation is not None else (f"evaluated on {len(splits['validation'])} examples held out",),
    )


def _task(name: str, custom: CustomTask) -> Task:
    path = custom.train_file
    labels = custom.labels
    if not labels and custom.kind == "classification":
        labels = _found_labels(custom, path)
    elif not labels and custom.kind == "token-classification":
        labels = conll.labels(path)
    wanted = custom.metrics or usual_metrics(custom.kind)
    binary = [metric for metric in wanted if custom.kind == "classification" and METRICS[metric].two_classes]
    if binary and len(labels) != 2:
        raise InputError(f"task {name}: {binary[0]} needs two labels, and {path.name} has {len(labels)}; use accuracy")
    return Task(name=name, title=name, kind=custom.kind, metrics=wanted, labels=labels)


def _columns(task: Task, custom: CustomTask, path: Path) -> Columns:
    if custom.file_format == "conll":
        return conll.columns(path, task.labels)
    if custom.file_format == "squad":
        return squad.columns(path)
    names = {"text": custom.text} if custom.text_pair is None else {"text": custom.text, "text_pair": custom.text_pair}
    read: Columns = {name: [] for name in (*names, "label")}
    for where, row in rows.read(path, _table(custom)):
        for name, column in names.items():
            read[name].append(_text(row, column, where))
        read["label"].append(_label(task, _value(row, custom.label, where), where))
    if not read["label"]:
        raise InputError(f"{path}: no rows")
    return read


def _divided(columns: Columns, custom: CustomTask) -> tuple[Columns, Columns]:
    """Training and evaluation; questions on the same context, and equal texts, stay on the same side."""
    keys = columns.get("context") or columns.get("text") or [" ".join(words) for words in columns["words"]]
    groups = sorted(set(keys))
    random.Random(f"split/{custom.split_seed}").shuffle(groups)
    fraction = custom.evaluation_fraction or _DEFAULT_FRACTION
    held_out = set(groups[: max(1, round(len(groups) * fraction))])
    if len(held_out) == len(groups):
        raise InputError(f"{custom.train_file}: {len(groups)} different texts are too few to hold {fraction:.0%} out")

    def side(out: bool) -> Columns:
        chosen = [number for number, key in enumerate(keys) if (key in held_out) == out]
        return {name: [values[number] for number in chosen] for name, values in columns.items()}

    return side(False), side(True)


def _found_labels(custom: CustomTask, path: Path) -> tuple[str, ...]:
    found: set[str] = set()
    for where, row in rows.read(path, _table(custom)):
        found.add(_word(_value(row, custom.label, where), where))
        if len(found) > _MOST_LABELS:
            raise InputError(f"{where}: more than {_MOST_LABELS} different labels; is this a regression?")
    if len(found) < 2:
        raise InputError(f"{path}: {len(found)} different labels in column {custom.label!r}; at least 2 are needed")
    if all(label.lstrip("-").isdecimal() for label in found):
        return tuple(sorted(found, key=int))
    return tuple(sorted(found))


def _value(row: Any, column: str, where: str) -> Any:
    if column not in row:
        raise InputError(f"{where}: no column {column!r} among {one_line(', '.join(map(str, row)), 200)}")
    return row[column]


def _text(row: Any, column: str, where: str) -> str:
    value = _value(row, column, where)
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{where}: no text in column {column!r}; leave the row out or fill it")
    return value


def _word(value: Any, where: str) -> str:
    if value is None or isinstance(value, float | list | dict) or str(value).strip() == "":
        raise InputError(f"{where}: {value!r} is no label; labels are words or whole numbers")
    return str(value)


def _label(task: Task, value: Any, where: str) -> int | float:
    if task.kind == "regression":
        return _number(value, where)
    word = _word(value, where)
    if word not in task.labels:
        raise InputError(f"{where}: unknown label {word[:50]!r}; known: {one_line(', '.join(task.labels), 200)}")
    return task.labels.index(word)


def _number(value: Any, where: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{where}: the score {str(value)[:50]!r} is not a number")
    return number


def _table(custom: CustomTask) -> TableFormat:
    found = custom.file_format
    assert found != "conll" and found != "squad"  # noqa: PT018 - mypy narrows the type by it
    return found
