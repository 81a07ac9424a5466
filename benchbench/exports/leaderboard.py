"""From a run's predictions of test splits to what the leaderboard takes: one model, its best seed for each task."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from benchbench.errors import InputError, unknown
from benchbench.records import REFERENCE, Record
from benchbench.runs.folder import Run
from benchbench.runs.predictions import read


def collect(run: Run, model: str | None = None) -> tuple[str, Mapping[tuple[str, str], Sequence[float]]]:
    """The model, and its predictions of every test split that the run has.

    Of several seeds of a task, the one with the best main metric on the evaluation split: the leaderboard takes one
    answer. Raises `InputError` when the run has no predictions, or those of several models and `model` is None.
    """
    records = [record for record in run.records if record.predictions and record.predictions.test]
    models = tuple(dict.fromkeys(_model(record) for record in records))
    if not models:
        raise InputError(f"{run.folder} has no predictions of test splits; run a suite with predict_test: true")
    if model is None and len(models) > 1:
        raise InputError(f"{run.folder} has predictions of {', '.join(models)}; choose one with --model")
    if model is not None and model not in models:
        raise unknown("model with predictions", model, models)
    chosen = model or models[0]
    return chosen, dict(_best(run, [record for record in records if _model(record) == chosen]))


def _best(run: Run, records: list[Record]) -> Iterator[tuple[tuple[str, str], Sequence[float]]]:
    """Later pairs replace earlier ones, so the best records come last."""
    for record in sorted(records, key=_score):
        for part in read(record, run.predictions_path(record.cell)):
            if part.truth is None:
                yield (part.task, part.split), [float(str(answer)) for answer in part.given[REFERENCE]]


def _model(record: Record) -> str:
    return record.findings.measurements[0].subject.model or ""


def _score(record: Record) -> float:
    training = record.findings.facts.training
    main = training.marking.metrics[0] if training else None
    return next((m.value for m in record.findings.measurements if m.quantity == main), float("-inf"))
