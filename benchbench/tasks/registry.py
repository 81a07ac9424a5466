"""The tasks that suites name: as their official files and the hub have them, and the synthetic twins."""

from __future__ import annotations

from collections.abc import Mapping

from benchbench.errors import unknown
from benchbench.tasks.synthetic.twins import TWINS
from benchbench.tasks.task import ConllLayout, HubSource, SquadLayout, Task, TsvLayout

_GLUE = "nyu-mll/glue"
_PAPER = "Wang et al. 2019, GLUE, arXiv 1804.07461"


def _hub(
    config: str, *columns: str, evaluation: tuple[str, ...] = ("validation",), test: tuple[str, ...] = ("test",)
) -> HubSource:
    return HubSource(_GLUE, config, columns, evaluation=evaluation, test=test)


def _tags(*kinds: str) -> tuple[str, ...]:
    return ("O", *(f"{prefix}-{kind}" for kind in kinds for prefix in "BI"))


_GLUE_TASKS = (
    Task(
        name="cola",
        title="CoLA",
        kind="classification",
        metrics=("matthews_correlation",),
        labels=("unacceptable", "acceptable"),
        hub=_hub("cola", "sentence"),
        local=TsvLayout("CoLA", text_columns=(3,), label_column=1, columns=4, header=False, test_columns=("sentence",)),
        train_examples=8551,
        evaluation_examples=1043,
        tokens=11,
        reference=_PAPER,
    ),
    Task(
        name="sst2",
        title="SST-2",
        kind="classification",
        metrics=("accuracy",),
        labels=("negative", "positive"),
        hub=_hub("sst2", "sentence"),
        local=TsvLayout("SST-2", text_columns=("sentence",), label_column="label"),
        train_examples=67349,
        evaluation_examples=872,
        tokens=13,
        reference=_PAPER,
    ),
    Task(
        name="mrpc",
        title="MRPC",
        kind="classification",
        metrics=("f1", "accuracy"),
        labels=("not_equivalent", "equivalent"),
        hub=_hub("mrpc", "sentence1", "sentence2"),
        local=TsvLayout("MRPC", text_columns=(3, 4), label_column=0),
        train_examples=3668,
        evaluation_examples=408,
        tokens=53,
        reference=_PAPER,
    ),
    Task(
        name="stsb",
        title="STS-B",
        kind="regression",
        metrics=("pearson", "spearman"),
        hub=_hub("stsb", "sentence1", "sentence2"),
        local=TsvLayout("STS-B", text_columns=("sentence1", "sentence2"), label_column="score"),
        train_examples=5749,
        evaluation_examples=1500,
        tokens=31,
        reference=_PAPER,
    ),
    Task(
        name="qqp",
        title="QQP",
        kind="classification",
        metrics=("f1", "accuracy"),
        labels=("not_duplicate", "duplicate"),
        hub=_hub("qqp", "question1", "question2"),
        local=TsvLayout("QQP", text_columns=("question1", "question2"), label_column="is_duplicate", cut_rows=True),
        train_examples=363846,
        evaluation_examples=40430,
        tokens=30,
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
        local=TsvLayout(
            "MNLI",
            text_columns=("sentence1", "sentence2"),
            label_column="gold_label",
            evaluation=("dev_matched.tsv", "dev_mismatched.tsv"),
            test=("test_matched.tsv", "test_mismatched.tsv"),
        ),
        train_examples=392702,
        evaluation_examples=19647,
        tokens=39,
        reference=_PAPER,
    ),
    Task(
        name="qnli",
        title="QNLI",
        kind="classification",
        metrics=("accuracy",),
        labels=("entailment", "not_entailment"),
        hub=_hub("qnli", "question", "sentence"),
        local=TsvLayout("QNLI", text_columns=("question", "sentence"), label_column="label"),
        train_examples=104743,
        evaluation_examples=5463,
        tokens=51,
        reference=_PAPER,
    ),
    Task(
        name="rte",
        title="RTE",
        kind="classification",
        metrics=("accuracy",),
        labels=("entailment", "not_entailment"),
        hub=_hub("rte", "sentence1", "sentence2"),
        local=TsvLayout("RTE", text_columns=("sentence1", "sentence2"), label_column="label"),
        train_examples=2490,
        evaluation_examples=277,
        tokens=69,
        reference=_PAPER,
    ),
    Task(
        name="wnli",
        title="WNLI",
        kind="classification",
        metrics=("accuracy",),
        labels=("not_entailment", "entailment"),
        hub=_hub("wnli", "sentence1", "sentence2"),
        local=TsvLayout("WNLI", text_columns=("sentence1", "sentence2"), label_column="label"),
        train_examples=635,
        evaluation_examples=71,
        tokens=37,
        reference=_PAPER,
    ),
    # The hub and the official zip have this one without labels; the labelled file is on GLUE's page of diagnostics.
    Task(
        name="ax",
        title="AX, GLUE's diagnostics",
        kind="classification",
        metrics=("matthews_correlation", "accuracy"),
        labels=("entailment", "neutral", "contradiction"),
        hub=_hub("ax", "premise", "hypothesis", evaluation=()),
        local=TsvLayout(
            "diagnostic",
            text_columns=("Premise", "Hypothesis"),
            label_column="Label",
            evaluation=("diagnostic-full.tsv",),
            test=("diagnostic.tsv",),
            test_columns=("sentence1", "sentence2"),
        ),
        trained_on="mnli",
        train_examples=392702,
        evaluation_examples=1104,
        tokens=26,
        reference=_PAPER,
    ),
)

_TAGGING_TASKS = (
    Task(
        name="conll2003",
        title="CoNLL-2003",
        kind="token-classification",
        metrics=("f1",),
        labels=_tags("PER", "ORG", "LOC", "MISC"),
        hub=HubSource(
            "eriktks/conll2003",
            None,
            ("tokens",),
            "ner_tags",
            revision="refs/convert/parquet",
            folder="conll2003",
        ),
        local=ConllLayout("conll2003", "train.txt", ("valid.txt",)),
        train_examples=14041,
        evaluation_examples=3250,
        tokens=21,
        reference="Tjong Kim Sang and De Meulder 2003, arXiv cs/0306050",
    ),
    Task(
        name="wnut17",
        title="WNUT-17",
        kind="token-classification",
        metrics=("f1",),
        labels=_tags("corporation", "creative-work", "group", "location", "person", "product"),
        hub=HubSource(
            "leondz/wnut_17",
            None,
            ("tokens",),
            "ner_tags",
            revision="refs/convert/parquet",
            folder="wnut_17",
        ),
        local=ConllLayout("wnut17"),
        train_examples=3394,
        evaluation_examples=1009,
        tokens=25,
        reference="Derczynski et al. 2017, WNUT 2017, ACL W17-4418",
    ),
)

_ANSWERING_TASKS = (
    Task(
        name="squad",
        title="SQuAD v1.1",
        kind="question-answering",
        metrics=("f1", "exact_match"),
        hub=HubSource("rajpurkar/squad", "plain_text", ("question", "context"), "answers", test=()),
        local=SquadLayout("squad", "train-v1.1.json", ("dev-v1.1.json",)),
        train_examples=87599,
        evaluation_examples=10570,
        tokens=160,
        reference="Rajpurkar et al. 2016, arXiv 1606.05250",
    ),
    Task(
        name="squad-v2",
        title="SQuAD v2.0",
        kind="question-answering",
        metrics=("f1", "exact_match"),
        hub=HubSource("rajpurkar/squad_v2", "squad_v2", ("question", "context"), "answers", test=()),
        local=SquadLayout("squad", "train-v2.0.json", ("dev-v2.0.json",)),
        train_examples=130319,
        evaluation_examples=11873,
        tokens=160,
        reference="Rajpurkar et al. 2018, arXiv 1806.03822",
    ),
)

GLUE = tuple(task.name for task in _GLUE_TASKS)

TASKS: Mapping[str, Task] = {task.name: task for task in (*_GLUE_TASKS, *_TAGGING_TASKS, *_ANSWERING_TASKS, *TWINS)}


def find(name: str) -> Task:
    """The task called `name`. Raises `InputError` with the nearest names when there is none."""
    if name not in TASKS:
        raise unknown("task", name, TASKS)
    return TASKS[name]
