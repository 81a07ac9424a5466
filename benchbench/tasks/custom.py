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

import random
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from benchbench import places
from benchbench.errors import InputError
from benchbench.places import File
from benchbench.quantities.metrics import TaskKind, metrics_of, usual_metrics
from benchbench.tasks import duplicates, fingerprint, tables
from benchbench.tasks.formats import conll, json_rows, squad
from benchbench.tasks.formats.plain_text import UTF_8
from benchbench.tasks.formats.rows import Table
from benchbench.tasks.tables import Columns, OwnTable, Read
from benchbench.tasks.task import Task, TaskData


def _as_text(value: object) -> object:
    """A word as YAML has it: 0 is '0', and no, yes, on, off are booleans, which nobody means."""
    if isinstance(value, bool):
        raise ValueError(
            f"{str(value).lower()} is no word: put quotes around it; YAML reads no and off as false, yes and on as true"
        )
    return str(value) if isinstance(value, int) else value


def _an_encoding(name: str) -> str:
    try:
        "a".encode(name)
    except (LookupError, UnicodeError, ValueError) as error:
        raise ValueError(f"unknown encoding {name[:50]!r}; say utf-8, latin-1, windows-1252, utf-16, …") from error
    return name


Word = Annotated[str, BeforeValidator(_as_text)]
Label = Annotated[Word, StringConstraints(strip_whitespace=True, min_length=1)]
Column = Annotated[Word, Field(min_length=1, max_length=300)]
ColumnNumber = Annotated[int, Field(ge=-1000, le=1000)]
Format = Literal["csv", "tsv", "jsonl", "json", "parquet", "conll", "squad"]

_FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".conll": "conll",
    ".json": "json",
}
_DEFAULT_FRACTION = 0.2


class CustomTask(BaseModel):
    """Where a user's data lies and what its columns mean.

    `path`: the training file, or all data where `evaluation` is not given; then `evaluation_fraction` of it, drawn
    with `split_seed`, is kept for evaluation. `format`: told from the name's ending where left out; tables (csv, tsv,
    jsonl, json, parquet) are classification, regression or multi-label, conll is tagging, squad is question
    answering, as is a JSON file in SQuAD's layout. `encoding`: of text files. `separator`: between the values of CSV.

    `text`, `text_pair`, `label`: columns of a table. `labels`: in the order of their numbers; found in the training
    data where left out. `no_label`: values of rows that have no gold label and are left out; where not given, '-' and
    -1 unless they are labels. `positive`: the label that F1 of two labels is about. `multi_label`: an example has any
    number of labels, in a list, or in a text with `label_separator` between them. `word_column`, `tag_column`: of
    conll, counted from 1, or from the end with -1. Relative files are looked for in the folder of the suite.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    path: File
    evaluation: File | None = None
    evaluation_fraction: Annotated[float, Field(gt=0, lt=1)] | None = None
    split_seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    format: Format | None = None
    encoding: Annotated[str, AfterValidator(_an_encoding)] = UTF_8
    separator: Annotated[str, Field(pattern='^[^"\r\n]$')] = ","
    regression: bool = False
    multi_label: bool = False
    text: Column = "text"
    text_pair: Column | None = None
    label: Column = "label"
    labels: tuple[Label, ...] = ()
    no_label: tuple[Word, ...] | None = None
    positive: Label | None = None
    label_separator: Annotated[str, Field(min_length=1, max_length=10)] | None = None
    word_column: ColumnNumber | None = None
    tag_column: ColumnNumber | None = None
    metrics: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.format is None and self.train_file.suffix.lower() not in _FORMATS:
            raise ValueError(
                f"format of {self.path.name[:200]!r} is not told by its name; give one of csv, tsv, jsonl, …"
            )
        if self.evaluation is not None and self.evaluation_fraction is not None:
            raise ValueError("give evaluation or evaluation_fraction, not both")
        self._check_labels()
        self._check_format()
        if (unsuitable := self.unsuitable_metric()) and not (self.file_format == "json" and self._may_be_questions()):
            raise ValueError(unsuitable)
        return self

    def _may_be_questions(self) -> bool:
        """Whether the metrics suit a JSON file with SQuAD's layout, which only the file itself can tell."""
        return set(self.metrics) <= set(metrics_of("question-answering"))

    def _check_labels(self) -> None:
        if self.regression and self.multi_label:
            raise ValueError("a regression has one number, no labels; leave out regression or multi_label")
        if self.regression and (self.labels or self.kind != "regression"):
            raise ValueError("a regression has numbers in a table's column, no labels")
        if len(set(self.labels)) < len(self.labels) or len(self.labels) == 1:
            raise ValueError("labels: at least two, each once")
        if self.label_separator and not self.multi_label:
            raise ValueError("label_separator is for multi_label: true")
        if self.positive is not None and self.kind != "classification":
            raise ValueError("positive is for the F1 of a classification with two labels")

    def _check_format(self) -> None:
        if self.separator != "," and self.file_format != "csv":
            raise ValueError(
                f"separator is for CSV, and {self.path.name[:200]!r} is read as {self.file_format}; say format: csv"
            )
        if self.encoding != UTF_8 and self.file_format == "parquet":
            raise ValueError("encoding is for text files; Parquet has its own")
        if 0 in (self.word_column, self.tag_column):
            raise ValueError("word_column and tag_column are counted from 1")
        if (self.word_column or self.tag_column) and self.file_format != "conll":
            raise ValueError("word_column and tag_column are for files in the CoNLL format")
        if self.file_format in ("conll", "squad") and (self.multi_label or self.no_label):
            raise ValueError(
                f"multi_label and no_label are for tables, and {self.path.name[:200]!r} is {self.file_format}"
            )

    @property
    def file_format(self) -> Format:
        return self.format or _FORMATS[self.train_file.suffix.lower()]

    @property
    def kind(self) -> TaskKind:
        if self.file_format == "conll":
            return "token-classification"
        if self.file_format == "squad":
            return "question-answering"
        if self.multi_label:
            return "multi-label"
        return "regression" if self.regression else "classification"

    @property
    def wanted_metrics(self) -> tuple[str, ...]:
        return self.metrics or usual_metrics(self.kind)

    @property
    def table(self) -> OwnTable:
        kind = self.file_format
        assert kind != "conll" and kind != "squad"  # noqa: PT018 - mypy narrows the type by it
        columns = (self.text, self.label) if self.text_pair is None else (self.text, self.text_pair, self.label)
        return OwnTable(
            self.train_file,
            Table(kind, columns, self.separator, self.encoding),
            self.kind,
            self.wanted_metrics,
            self.text,
            self.text_pair,
            self.label,
            self.labels,
            self.no_label,
            self.positive,
            self.label_separator,
        )

    def unsuitable_metric(self) -> str:
        """What to say about a metric that is not for this kind of task; nothing where all are."""
        suitable = metrics_of(self.kind)
        wrong = [name for name in self.metrics if name not in suitable]
        return f"metric {wrong[0]!r} does not suit {self.kind}: use {', '.join(suitable)}" if wrong else ""

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

    task, read = _reader(name, _settled(custom))
    train = read(custom.train_file)
    if custom.evaluation_file is not None:
        evaluation = read(custom.evaluation_file)
        notes = (*train.notes, *evaluation.notes)
        columns = train.columns, evaluation.columns
    else:
        columns = _divided(train.columns, custom)
        notes = (*train.notes, f"evaluated on {len(next(iter(columns[1].values())))} examples held out")
    training, splits = datasets.Dataset.from_dict(columns[0]), {"validation": datasets.Dataset.from_dict(columns[1])}
    return TaskData(
        task=task,
        train=training,
        evaluation=splits,
        origin=places.local(custom.train_file).name,
        fingerprint=fingerprint.of(training, splits),
        notes=(*notes, *duplicates.notes(*columns)),
    )


def _settled(custom: CustomTask) -> CustomTask:
    """The same task, with the layout that a JSON file turns out to have. Raises `InputError` for metrics of another."""
    if custom.file_format != "json":
        return custom
    if json_rows.holds_questions(custom.train_file, custom.encoding):
        custom = custom.model_copy(update={"format": "squad"})
    if unsuitable := custom.unsuitable_metric():
        raise InputError(f"{custom.train_file}: {unsuitable}")
    return custom


def _reader(name: str, custom: CustomTask) -> tuple[Task, Callable[[Path], Read]]:
    """The task, and what reads a file of it."""
    if custom.file_format == "squad":
        task = Task(name, name, custom.kind, custom.wanted_metrics)
        return task, lambda path: Read(squad.columns(path, custom.encoding))
    if custom.file_format == "conll":
        layout = conll.Layout(custom.word_column, custom.tag_column, custom.encoding)
        tags = custom.labels or conll.labels(custom.train_file, layout)
        task = Task(name, name, custom.kind, custom.wanted_metrics, tags)
        return task, lambda path: Read(conll.columns(path, tags, layout))
    table = tables.reader(name, custom.table)
    return table.task, table.read


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
