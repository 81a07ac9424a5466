"""Predictions of unlabelled test sets: too many to stand in a record, so they lie beside it, in RUN/predictions/.

A notebook's findings carry them in `Facts.test_predictions`: {task: {split: '0 1 1 …'}}, numbers with a space between,
class numbers or the scores of a regression, in the order of the test file. The record keeps how many there are and the
SHA-256 of the file that has them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from benchbench.errors import InputError
from benchbench.records import PredictionsFile, Record
from benchbench.runs import atomic

Predictions = Mapping[tuple[str, str], tuple[float, ...]]
"""By task and split."""


def as_text(values: Iterable[float]) -> str:
    """A split's predictions as findings hold them: short, and exact to three decimals."""
    return " ".join(f"{value:.3f}".rstrip("0").rstrip(".") for value in values)


def separated(record: Record, path: Path) -> Record:
    """The record with its predictions, if it has any, moved to the file `path`, which is written whole."""
    found = record.findings.facts.test_predictions
    if not found:
        return record
    text = json.dumps({"cell": record.cell, "predictions": found}, indent=1) + "\n"
    atomic.write_text(path, text)
    rows = {task: {split: len(values.split()) for split, values in splits.items()} for task, splits in found.items()}
    facts = replace(record.findings.facts, test_predictions={})
    return replace(
        record,
        findings=replace(record.findings, facts=facts),
        predictions=PredictionsFile(hashlib.sha256(text.encode()).hexdigest(), rows),
    )


def read(record: Record, path: Path) -> Predictions:
    """The predictions that belong to `record`, from the file `path`; none where it has none.

    Raises `InputError` when the file is missing or is not the one that the record was written with.
    """
    if record.predictions is None:
        return {}
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; run the suite again with --fresh") from error
    if hashlib.sha256(content).hexdigest() != record.predictions.sha256:
        raise InputError(f"{path} does not match the hash in its record; run the suite again with --fresh")
    return {
        (task, split): tuple(map(float, values.split()))
        for task, splits in json.loads(content)["predictions"].items()
        for split, values in splits.items()
    }
