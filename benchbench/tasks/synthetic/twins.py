"""The twins as tasks, one row each."""

from __future__ import annotations

from benchbench.tasks.task import Task

SENTIMENT = Task(
    name="sst2-synthetic",
    title="SST-2 (synthetic twin)",
    kind="classification",
    metrics=("accuracy",),
    labels=("negative", "positive"),
    train_examples=8000,
    twin_of="sst2",
)
ENTAILMENT = Task(
    name="rte-synthetic",
    title="RTE (synthetic twin)",
    kind="classification",
    metrics=("accuracy",),
    labels=("entailment", "not_entailment"),
    train_examples=6000,
    twin_of="rte",
)
SIMILARITY = Task(
    name="stsb-synthetic",
    title="STS-B (synthetic twin)",
    kind="regression",
    metrics=("pearson", "spearman"),
    train_examples=6000,
    twin_of="stsb",
)
ENTITIES = Task(
    name="conll2003-synthetic",
    title="CoNLL-2003 (synthetic twin)",
    kind="token-classification",
    metrics=("f1",),
    labels=("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"),
    train_examples=6000,
    twin_of="conll2003",
)
QUESTIONS = Task(
    name="squad-synthetic",
    title="SQuAD v1.1 (synthetic twin)",
    kind="question-answering",
    metrics=("f1", "exact_match"),
    train_examples=6000,
    twin_of="squad",
)

TWINS: tuple[Task, ...] = (SENTIMENT, ENTAILMENT, SIMILARITY, ENTITIES, QUESTIONS)
