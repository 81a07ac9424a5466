"""What a task is: a labelled data set with its metric. A row of data; behaviour lives in the other modules here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchbench.quantities.metrics import TaskKind

if TYPE_CHECKING:
    import datasets


@dataclass(frozen=True, slots=True)
class HubSource:
    """Where the task lies on the Hugging Face hub, and which of its columns and splits are what.

    `text_columns`: one text or a pair; for token classification the words; for question answering question and
    context, with the answers as the label. `folder`: the folder of the Parquet files, where the repository does not
    describe its configurations itself. `evaluation` is empty where the hub has no labels.
    """

    dataset: str
    config: str | None
    text_columns: tuple[str, ...]
    label_column: str = "label"
    train: str = "train"
    evaluation: tuple[str, ...] = ("validation",)
    test: tuple[str, ...] = ("test",)
    revision: str | None = None
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class TsvLayout:
    """How the official zip lays the task out: `folder`/`train`, `folder`/`evaluation`….

    Columns are header names, or positions where the file has no header. Values are never unquoted.
    `columns` is the number of columns a row must have where no header says it. `cut_rows`: the official file itself
    has rows that break off, which are left out. `test_columns`: the texts in test files, which have a header in any
    case, where they are not `text_columns`.
    """

    folder: str
    text_columns: tuple[str | int, ...]
    label_column: str | int
    columns: int = 0
    header: bool = True
    cut_rows: bool = False
    train: str = "train.tsv"
    evaluation: tuple[str, ...] = ("dev.tsv",)
    test: tuple[str, ...] = ("test.tsv",)
    test_columns: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class ConllLayout:
    """Files in the CoNLL format: `folder`/`train`, `folder`/`evaluation`…."""

    folder: str
    train: str = "train.conll"
    evaluation: tuple[str, ...] = ("dev.conll",)


@dataclass(frozen=True, slots=True)
class SquadLayout:
    """SQuAD's JSON files: `folder`/`train`, `folder`/`evaluation`…."""

    folder: str
    train: str
    evaluation: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """One labelled data set with its metrics.

    `labels`: names in the order of their numbers; empty for a regression. `metrics`: quantities of
    `benchbench.quantities`, the main one first. `twin_of`: for a synthetic task, the real task whose shape it has.
    `positive`: the number of the label that F1 of two labels is about.
    `trained_on`: for a diagnostic set, the task whose training examples are used.
    `train_examples`, `evaluation_examples`, `tokens`: about how many there are, and how many tokens an example has, to
    plan by; 0 where unknown.
    """

    name: str
    title: str
    kind: TaskKind
    metrics: tuple[str, ...]
    labels: tuple[str, ...] = ()
    positive: int = 1
    hub: HubSource | None = None
    local: TsvLayout | ConllLayout | SquadLayout | None = None
    twin_of: str | None = None
    trained_on: str | None = None
    train_examples: int = 0
    evaluation_examples: int = 0
    tokens: int = 0
    reference: str = ""
    licence: str = ""

    @property
    def synthetic(self) -> bool:
        return self.twin_of is not None

    @property
    def num_labels(self) -> int:
        return len(self.labels) if self.labels else 1


@dataclass(frozen=True, slots=True)
class TaskData:
    """A task's examples, loaded.

    `train` and each of `evaluation` (by split name: 'validation', or 'matched' and 'mismatched') have the columns
    `text`, `text_pair` (sentence pairs only) and `label` (int class number, float for a regression, a 1.0 or 0.0 for
    each label of a multi-label task); for token classification `words` and `tags` (int class numbers); for question
    answering `id`, `question`, `context` and `answers` ({'text': […], 'answer_start': […]}, empty where there is no
    answer).
    `origin`: 'synthetic', 'hub:ID@REVISION' or 'local:NAME', never a path. `fingerprint`: SHA-256 of the content.
    """

    task: Task
    train: datasets.Dataset
    evaluation: Mapping[str, datasets.Dataset]
    origin: str
    fingerprint: str
    notes: tuple[str, ...] = field(default=())
