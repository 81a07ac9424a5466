"""Predictions of unlabelled test sets: too many to stand in a record, so they lie beside it, in RUN/predictions/.

A notebook's findings carry them as the fact `FACT`: {task: {split: '0 1 1 …'}}, numbers with a space between, class
numbers or the scores of a regression, in the order of the test file. The record keeps how many there are and the
SHA-256 of the file that has them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from benchbench.errors import InputError
from benchbench.records import Record
from benchbench.runs import atomic

FACT = "test_predictions"

Predictions = Mapping[tuple[str, str], tuple[float, ...]]
"""By task and split."""


def as_fact(values: Iterable[float]) -> str:
    """A split's predictions as a fact holds them: short, and exact to three decimals."""
    return " ".join(f"{value:.3f}".rstrip("0").rstrip(".") for value in values)


def separated(record: Record, path: Path) -> Record:
    """The record with its predictions, if it has any, moved to the file `path`, which is written whole."""
    found = record.findings.facts.get(FACT)
    if not isinstance(found, Mapping) or "sha256" in found:
        return record
    text = json.dumps({"cell": record.cell, "predictions": found}, indent=1) + "\n"
    atomic.write_text(path, text)
    kept = {
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "rows": {task: {split: len(values.split()) for split, values in of.items()} for task, of in found.items()},
    }
    facts = {**record.findings.facts, FACT: kept}
    return replace(record, findings=replace(record.findings, facts=facts))


def read(record: Record, path: Path) -> Predictions:
    """The predictions that `record` speaks of, from the file `path`; none where it speaks of none.

    Raises `InputError` when the file is missing or is not the one that the record was written with.
    """
    kept = record.findings.facts.get(FACT)
    if not isinstance(kept, Mapping):
        return {}
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; run the suite again with --fresh") from error
    if hashlib.sha256(content).hexdigest() != kept.get("sha256"):
        raise InputError(f"{path} does not match the hash in its record; run the suite again with --fresh")
    return {
        (task, split): tuple(map(float, values.split()))
        for task, of in json.loads(content)["predictions"].items()
        for split, values in of.items()
    }
