"""What models answered to each example: too much for a record, so it lies beside it, as a table in RUN/predictions/.

A row is one answer: its task and split, the target (empty for the model as transformers writes it, in PyTorch and
fp32), the answer and what is true, both as JSON. What is true is null where it is not public. The rows of a target
stand in the order of the examples. The record keeps how many examples there are and the SHA-256 of the file.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchbench.errors import InputError
from benchbench.records import Answer, Predictions, PredictionsFile, Record
from benchbench.runs import atomic

_COLUMNS = ("task", "split", "target", "truth", "answer")
_AGAIN = "run the suite again with --fresh"


def separated(record: Record, path: Path) -> Record:
    """The record with its predictions, if it has any, moved to the file `path`, which is written whole."""
    found = record.findings.facts.predictions
    if not found:
        return record
    content = _parquet(found)
    atomic.write_bytes(path, content)
    evaluation = _examples(part for part in found if part.truth is not None)
    test = _examples(part for part in found if part.truth is None)
    facts = replace(record.findings.facts, predictions=())
    return replace(
        record,
        findings=replace(record.findings, facts=facts),
        predictions=PredictionsFile(hashlib.sha256(content).hexdigest(), evaluation, test),
    )


def read(record: Record, path: Path) -> tuple[Predictions, ...]:
    """The predictions that belong to `record`, from the file `path`; none where it has none.

    Raises `InputError` when the file is missing or is not the one that the record was written with.
    """
    if record.predictions is None:
        return ()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; {_AGAIN}") from error
    if hashlib.sha256(content).hexdigest() != record.predictions.sha256:
        raise InputError(f"{path} does not match the hash in its record; {_AGAIN}")
    return tuple(_predictions(content))


def _examples(found: Iterable[Predictions]) -> Mapping[str, Mapping[str, int]]:
    rows: dict[str, dict[str, int]] = {}
    for part in found:
        rows.setdefault(part.task, {})[part.split] = len(next(iter(part.given.values())))
    return rows


def _parquet(found: Iterable[Predictions]) -> bytes:
    import pyarrow
    from pyarrow import parquet

    columns: dict[str, list[str | None]] = {name: [] for name in _COLUMNS}
    for part in found:
        for target, answers in part.given.items():
            same = (part.task, part.split, target)
            for name, value in zip(_COLUMNS, same, strict=False):
                columns[name] += [value] * len(answers)
            columns["truth"] += [None] * len(answers) if part.truth is None else map(json.dumps, part.truth)
            columns["answer"] += map(json.dumps, answers)
    written = io.BytesIO()
    parquet.write_table(pyarrow.table(columns, schema=_schema()), written, compression="zstd")
    return written.getvalue()


def _schema() -> Any:
    import pyarrow

    return pyarrow.schema([(name, pyarrow.string()) for name in _COLUMNS])


def _predictions(content: bytes) -> Iterator[Predictions]:
    from pyarrow import parquet

    table = parquet.read_table(io.BytesIO(content)).to_pydict()
    truths: dict[tuple[str, str, bool], dict[str, list[Answer]]] = {}
    given: dict[tuple[str, str, bool], dict[str, list[Answer]]] = {}
    for task, split, target, truth, answer in zip(*(table[name] for name in _COLUMNS), strict=True):
        key = (task, split, truth is not None)
        given.setdefault(key, {}).setdefault(target, []).append(_answer(answer))
        if truth is not None:
            truths.setdefault(key, {}).setdefault(target, []).append(_answer(truth))
    for (task, split, labelled), answers in given.items():
        truth = next(iter(truths[task, split, labelled].values())) if labelled else None
        yield Predictions(task, split, None if truth is None else tuple(truth), _tuples(answers))


def _tuples(answers: Mapping[str, list[Answer]]) -> Mapping[str, tuple[Answer, ...]]:
    return {target: tuple(those) for target, those in answers.items()}


def _answer(text: str) -> Answer:
    value = json.loads(text)
    return tuple(value) if isinstance(value, list) else value
