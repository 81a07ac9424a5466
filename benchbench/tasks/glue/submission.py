"""The zip that the GLUE leaderboard takes: a file of predictions for each test set, written and checked."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchbench.errors import InputError
from benchbench.runs import atomic
from benchbench.tasks import registry

_HEADER = "index\tprediction"
_LOWEST, _HIGHEST = 0.0, 5.0  # STS-B's scores


@dataclass(frozen=True, slots=True)
class TestFile:
    """A file of the zip. `split` of `task` is what it predicts; `names`: labels in words, not numbers."""

    name: str
    task: str
    split: str
    rows: int
    names: bool = False


FILES: tuple[TestFile, ...] = (
    TestFile("CoLA.tsv", "cola", "test", 1063),
    TestFile("SST-2.tsv", "sst2", "test", 1821),
    TestFile("MRPC.tsv", "mrpc", "test", 1725),
    TestFile("STS-B.tsv", "stsb", "test", 1379),
    TestFile("QQP.tsv", "qqp", "test", 390965),
    TestFile("MNLI-m.tsv", "mnli", "matched", 9796, names=True),
    TestFile("MNLI-mm.tsv", "mnli", "mismatched", 9847, names=True),
    TestFile("QNLI.tsv", "qnli", "test", 5463, names=True),
    TestFile("RTE.tsv", "rte", "test", 3000, names=True),
    TestFile("WNLI.tsv", "wnli", "test", 146),
    TestFile("AX.tsv", "ax", "test", 1104, names=True),
)
"""The leaderboard refuses a zip that lacks one of these or has other row counts (gluebenchmark.com/faq)."""

Predictions = Mapping[tuple[str, str], Sequence[float]]
"""By task and split, a class number or a score for each test example, in the order of the file."""


def write(predictions: Predictions, path: Path) -> None:
    """Write the zip, whole or not at all, and only when it is complete. Raises `InputError` that says what is not."""
    missing = [file.name for file in FILES if (file.task, file.split) not in predictions]
    if missing:
        raise InputError(f"no submission without predictions for {', '.join(missing)}; run these tasks first")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in FILES:
            lines = [
                f"{number}\t{cell}" for number, cell in enumerate(_cells(file, predictions[file.task, file.split]))
            ]
            _check_rows(file, len(lines), "the predictions")
            archive.writestr(file.name, "\n".join([_HEADER, *lines, ""]))
    atomic.write_bytes(path, content.getvalue())


def check(path: Path) -> None:
    """Whether the leaderboard would take this zip. Raises `InputError` with file and line for the first fault."""
    try:
        with zipfile.ZipFile(path) as archive:
            present = set(archive.namelist())
            missing = [file.name for file in FILES if file.name not in present]
            if missing:
                raise InputError(f"{path}: {', '.join(missing)} missing; the files lie in the zip without a folder")
            for file in FILES:
                _check_file(file, archive.read(file.name), f"{path}: {file.name}")
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is not a zip that can be read: {error}") from error


def _cells(file: TestFile, predictions: Sequence[float]) -> list[str]:
    labels = registry.find(file.task).labels
    if not labels:
        return [f"{min(max(value, _LOWEST), _HIGHEST):.3f}" for value in predictions]
    return [labels[int(number)] if file.names else str(int(number)) for number in predictions]


def _check_file(file: TestFile, content: bytes, where: str) -> None:
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError:
        raise InputError(f"{where}: not UTF-8") from None
    if not lines or lines[0] != _HEADER:
        raise InputError(f"{where}, line 1: the header is not 'index<tab>prediction'")
    _check_rows(file, len(lines) - 1, where)
    for number, line in enumerate(lines[1:]):
        index, _, cell = line.partition("\t")
        if index != str(number):
            raise InputError(f"{where}, line {number + 2}: index {index[:20]!r} instead of {number}")
        if not _is_prediction(file, cell):
            raise InputError(f"{where}, line {number + 2}: {cell[:50]!r} is no prediction; write {_allowed(file)}")


def _check_rows(file: TestFile, rows: int, where: str) -> None:
    if rows != file.rows:
        raise InputError(f"{where}: {rows} rows for {file.name} instead of {file.rows}")


def _is_prediction(file: TestFile, cell: str) -> bool:
    labels = registry.find(file.task).labels
    if labels:
        return cell in (labels if file.names else tuple(map(str, range(len(labels)))))
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _allowed(file: TestFile) -> str:
    labels = registry.find(file.task).labels
    if not labels:
        return "a number"
    return ", ".join(labels) if file.names else f"a number from 0 to {len(labels) - 1}"
