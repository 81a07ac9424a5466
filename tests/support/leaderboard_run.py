"""A run with predictions of every test split that the GLUE leaderboard asks for, none of them predicted by a model."""

from benchbench.quantities import Basis
from benchbench.records import (
    REFERENCE,
    Facts,
    Findings,
    Manifest,
    Marking,
    Measurement,
    Predictions,
    Provenance,
    Record,
    Subject,
    TrainingFacts,
)
from benchbench.runs.folder import Run
from benchbench.runs.writer import RunWriter
from benchbench.tasks.glue import submission


def predicted(model, task, seed, score):
    """A record with constant predictions (the seed) of every test file of `task`, AX with MNLI."""
    splits = []
    for file in submission.FILES:
        if file.task == task or (file.task, task) == ("ax", "mnli"):
            splits.append(Predictions(file.task, file.split, None, {REFERENCE: (seed,) * file.rows}))
    subject = Subject(model=model, weights="random", task=task, data="local:glue", seed=seed)
    training = TrainingFacts(Marking("classification", ("accuracy",)), "its own", "fp32")
    measured = Measurement(subject, "accuracy", score, Basis.MEASURED)
    return Record(
        cell=f"quality_{task}_{model}_seed{seed}",
        study="quality",
        parameters={},
        started="2026-01-01T10:00:00+00:00",
        finished="2026-01-01T10:05:00+00:00",
        provenance=Provenance(),
        findings=Findings((measured,), facts=Facts(training=training, predictions=tuple(splits))),
    )


def complete(folder, models=("squeezebert",), scores=(0.6, 0.7)):
    records = [
        predicted(model, task, seed, score)
        for model in models
        for task in dict.fromkeys(file.task for file in submission.FILES if file.task != "ax")
        for seed, score in enumerate(scores)
    ]
    run = RunWriter.create(folder, Manifest("glue", cells=tuple(record.cell for record in records)))
    for record in records:
        run.write_record(record)
    return Run.open(folder)
