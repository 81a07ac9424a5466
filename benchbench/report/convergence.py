"""Fine-tuning runs that came to nothing: how many seeds of each model and task."""

from __future__ import annotations

from collections.abc import Iterator

from benchbench.records import FailureKind, Record
from benchbench.runs.folder import Run


def sentences(run: Run) -> Iterator[str]:
    """One for each model, task and recipe with runs that diverged or ended with one answer for every example."""
    groups: dict[str, list[Record]] = {}
    for record in run.records:
        if record.study == "quality":
            words = [f"{record.parameters.get('model')} on {record.parameters.get('task')}"]
            recipe = record.parameters.get("recipe")
            groups.setdefault(", ".join([*words, str(recipe)] if recipe else words), []).append(record)
    for name, records in groups.items():
        lost = sum(_came_to_nothing(record) for record in records)
        if lost:
            yield f"{name}: {lost} of {len(records)} {'run' if len(records) == 1 else 'runs'} did not converge."


def _came_to_nothing(record: Record) -> bool:
    if record.failure:
        return record.failure.kind == FailureKind.DIVERGED
    training = record.findings.facts.training
    return training is not None and training.one_answer
