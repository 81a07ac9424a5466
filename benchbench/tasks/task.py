"""What a task is: a labelled data set with its metric. A row of data; behaviour lives in the other modules here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datasets

TaskKind = Literal["classification", "regression", "token-classification", "question-answering"]


@dataclass(frozen=True, slots=True)
class HubSource:
    """Where the task lies on the Hugging Face hub, and which of its columns and splits are what."""

    dataset: str
    config: str | None
    text_columns: tuple[str, ...]
    label_column: str = "label"
    train: str = "train"
    evaluation: tuple[str, ...] = ("validation",)
    test: tuple[str, ...] = ("test",)
    revision: str | None = None


@dataclass(frozen=True, slots=True)
class TsvLayout:
    """How the official zip lays the task out: `folder`/`train`, `folder`/`evaluation`….

    Columns are header names, or positions where the file has no header. Values are never unquoted.
    `columns` is the number of columns a row must have where no header says it. `cut_rows`: the official file itself
    has rows that break off, which are left out.
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


@dataclass(frozen=True, slots=True)
class Task:
    """One labelled data set with its metrics.

    `labels`: names in the order of their numbers; empty for a regression. `metrics`: quantities of
    `benchbench.measurement`, the main one first. `twin_of`: for a synthetic task, the real task whose shape it has.
    `train_examples`: about how many there are, to plan by; 0 where unknown.
    """

    name: str
    title: str
    kind: TaskKind
    metrics: tuple[str, ...]
    labels: tuple[str, ...] = ()
    hub: HubSource | None = None
    tsv: TsvLayout | None = None
    twin_of: str | None = None
    train_examples: int = 0
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
    `text`, `text_pair` (sentence pairs only) and `label` (int class number, or float for a regression).
    `origin`: 'synthetic', 'hub:ID@REVISION' or 'local:NAME', never a path. `fingerprint`: SHA-256 of the content.
    """

    task: Task
    train: datasets.Dataset
    evaluation: Mapping[str, datasets.Dataset]
    origin: str
    fingerprint: str
    notes: tuple[str, ...] = field(default=())
