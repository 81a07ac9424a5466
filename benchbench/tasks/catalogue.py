"""The tasks that suites name: GLUE as its official zips and the hub have it, and the synthetic twins."""

from __future__ import annotations

from collections.abc import Mapping

from benchbench.errors import unknown
from benchbench.tasks.synthetic import TWINS
from benchbench.tasks.task import HubSource, Task, TsvLayout

_GLUE = "nyu-mll/glue"
_PAPER = "Wang et al. 2019, GLUE, arXiv 1804.07461"


def _hub(
    config: str, *columns: str, evaluation: tuple[str, ...] = ("validation",), test: tuple[str, ...] = ("test",)
) -> HubSource:
    return HubSource(_GLUE, config, columns, evaluation=evaluation, test=test)


_REAL = (
    Task(
        name="cola",
        title="CoLA",
        kind="classification",
        metrics=("matthews_correlation",),
        labels=("unacceptable", "acceptable"),
        hub=_hub("cola", "sentence"),
        tsv=TsvLayout("CoLA", text_columns=(3,), label_column=1, columns=4, header=False),
        train_examples=8551,
        reference=_PAPER,
    ),
    Task(
        name="sst2",
        title="SST-2",
        kind="classification",
        metrics=("accuracy",),
        labels=("negative", "positive"),
        hub=_hub("sst2", "sentence"),
        tsv=TsvLayout("SST-2", text_columns=("sentence",), label_column="label"),
        train_examples=67349,
        reference=_PAPER,
    ),
    Task(
        name="mrpc",
        title="MRPC",
        kind="classification",
        metrics=("f1", "accuracy"),
        labels=("not_equivalent", "equivalent"),
        hub=_hub("mrpc", "sentence1", "sentence2"),
        tsv=TsvLayout("MRPC", text_columns=(3, 4), label_column=0),
        train_examples=3668,
        reference=_PAPER,
    ),
    Task(
        name="stsb",
        title="STS-B",
        kind="regression",
        metrics=("pearson", "spearman"),
        hub=_hub("stsb", "sentence1", "sentence2"),
        tsv=TsvLayout("STS-B", text_columns=("sentence1", "sentence2"), label_column="score"),
        train_examples=5749,
        reference=_PAPER,
    ),
    Task(
        name="qqp",
        title="QQP",
        kind="classification",
        metrics=("f1", "accuracy"),
        labels=("not_duplicate", "duplicate"),
        hub=_hub("qqp", "question1", "question2"),
        tsv=TsvLayout("QQP", text_columns=("question1", "question2"), label_column="is_duplicate", cut_rows=True),
        train_examples=363846,
        reference=_PAPER,
    ),
    Task(
        name="mnli",
        title="MNLI",
        kind="classification",
        metrics=("accuracy",),
        labels=("entailment", "neutral", "contradiction"),
        hub=_hub(
            "mnli",
            "premise",
            "hypothesis",
            evaluation=("validation_matched", "validation_mismatched"),
            test=("test_matched", "test_mismatched"),
        ),
        tsv=TsvLayout(
            "MNLI",
            text_columns=("sentence1", "sentence2"),
            label_column="gold_label",
            evaluation=("dev_matched.tsv", "dev_mismatched.tsv"),
            test=("test_matched.tsv", "test_mismatched.tsv"),
        ),
        train_examples=392702,
        reference=_PAPER,
    ),
    Task(
        name="qnli",
        title="QNLI",
        kind="classification",
        metrics=("accuracy",),
        labels=("entailment", "not_entailment"),
        hub=_hub("qnli", "question", "sentence"),
        tsv=TsvLayout("QNLI", text_columns=("question", "sentence"), label_column="label"),
        train_examples=104743,
        reference=_PAPER,
    ),
    Task(
        name="rte",
        title="RTE",
        kind="classification",
        metrics=("accuracy",),
        labels=("entailment", "not_entailment"),
        hub=_hub("rte", "sentence1", "sentence2"),
        tsv=TsvLayout("RTE", text_columns=("sentence1", "sentence2"), label_column="label"),
        train_examples=2490,
        reference=_PAPER,
    ),
    Task(
        name="wnli",
        title="WNLI",
        kind="classification",
        metrics=("accuracy",),
        labels=("not_entailment", "entailment"),
        hub=_hub("wnli", "sentence1", "sentence2"),
        tsv=TsvLayout("WNLI", text_columns=("sentence1", "sentence2"), label_column="label"),
        train_examples=635,
        reference=_PAPER,
    ),
)

TASKS: Mapping[str, Task] = {task.name: task for task in (*_REAL, *TWINS)}


def find(name: str) -> Task:
    """The task called `name`. Raises `InputError` with the nearest names when there is none."""
    if name not in TASKS:
        raise unknown("task", name, TASKS)
    return TASKS[name]
