"""Reading files in the CoNLL format: a word a line, its tag in the last column, an empty line between sentences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchbench.errors import InputError
from benchbench.tasks.formats.plain_text import lines

_HINT = "give a file in the CoNLL format"
_DOCUMENT = "-DOCSTART-"

Sentence = list[tuple[str, str]]
"""Words with their tags."""


def sentences(path: Path) -> Iterator[tuple[int, Sentence]]:
    """Each sentence with the number of its first line.

    Columns are separated by tabs, or else by spaces. Raises `InputError` with file and line for a row without a tag
    and for a tag that is not O, B-… or I-….
    """
    start, words = 0, Sentence()
    for number, line in lines(path, _HINT):
        if not line.strip() or line.startswith(_DOCUMENT):
            if words:
                yield start, words
            words = []
            continue
        if not words:
            start = number
        words.append(_word(line, f"{path}, line {number}"))
    if words:
        yield start, words


def columns(path: Path, labels: tuple[str, ...]) -> dict[str, list[Any]]:
    """`words` and `tags` (numbers of `labels`) of all sentences. Raises `InputError` for a tag outside `labels`."""
    numbers = {label: number for number, label in enumerate(labels)}
    read: dict[str, list[Any]] = {"words": [], "tags": []}
    for start, sentence in sentences(path):
        for line, (_, tag) in enumerate(sentence, start):
            if tag not in numbers:
                raise InputError(f"{path}, line {line}: unknown tag {tag[:50]!r}; known: {', '.join(labels)}")
        read["words"].append([word for word, _ in sentence])
        read["tags"].append([numbers[tag] for _, tag in sentence])
    if not read["words"]:
        raise InputError(f"{path}: no sentences; {_HINT}")
    return read


def labels(path: Path) -> tuple[str, ...]:
    """The tags of a file, O first, then sorted by type: B-LOC, I-LOC, B-PER…; both of each type."""
    kinds = {tag[2:] for _, sentence in sentences(path) for _, tag in sentence if tag != "O"}
    return ("O", *(f"{prefix}-{kind}" for kind in sorted(kinds) for prefix in "BI"))


def _word(line: str, where: str) -> tuple[str, str]:
    fields = line.split("\t") if "\t" in line else line.split()
    if len(fields) < 2:
        raise InputError(f"{where}: a word without a tag: {line[:50]!r}")
    word, tag = fields[0], fields[-1].strip()
    if tag != "O" and not (tag[:2] in ("B-", "I-") and len(tag) > 2):
        raise InputError(f"{where}: {tag[:50]!r} is no tag; tags are O, B-TYPE and I-TYPE")
    return word, tag
