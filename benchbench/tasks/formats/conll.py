"""Reading files in the CoNLL format: a word a line with its tag, an empty line between sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchbench.errors import InputError
from benchbench.tasks.formats.plain_text import UTF_8, lines

_HINT = "give a file in the CoNLL format"
_DOCUMENT = "-DOCSTART-"
_NUMBER = re.compile(r"\d+([-.]\d+)?")  # 1, and what CoNLL-U has too: 1-2, 1.1
_OUTSIDE = "O"

Rows = list[list[str]]
"""The fields of each line of a sentence."""

Sentence = list[tuple[str, str]]
"""Words with their tags."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns hold what, counted from 1, or from the end with -1.

    Where `word` is None it is the first column, or the second after one that numbers the words. Where `tag` is None it
    is the last, as in CoNLL-2003; in a file with numbered words it is the only column of tags.
    """

    word: int | None = None
    tag: int | None = None
    encoding: str = UTF_8


GUESSED = Layout()


def columns(path: Path, labels: tuple[str, ...], layout: Layout = GUESSED) -> dict[str, list[Any]]:
    """`words` and `tags` (numbers of `labels`) of all sentences.

    Raises `InputError` as `sentences` does, and for a tag outside `labels`.
    """
    numbers = {label: number for number, label in enumerate(labels)}
    read: dict[str, list[Any]] = {"words": [], "tags": []}
    for start, sentence in sentences(path, layout):
        for line, (_, tag) in enumerate(sentence, start):
            if tag not in numbers:
                raise InputError(f"{path}, line {line}: unknown tag {tag[:50]!r}; known: {', '.join(labels)}")
        read["words"].append([word for word, _ in sentence])
        read["tags"].append([numbers[tag] for _, tag in sentence])
    if not read["words"]:
        raise InputError(f"{path}: no sentences; {_HINT}")
    return read


def labels(path: Path, layout: Layout = GUESSED) -> tuple[str, ...]:
    """The tags of a file, O first, then sorted by type: B-LOC, I-LOC, B-PER…; both of each type."""
    kinds = {tag[2:] for _, sentence in sentences(path, layout) for _, tag in sentence if tag != _OUTSIDE}
    return (_OUTSIDE, *(f"{prefix}-{kind}" for kind in sorted(kinds) for prefix in "BI"))


def sentences(path: Path, layout: Layout = GUESSED) -> Iterator[tuple[int, Sentence]]:
    """Each sentence with the number of its first line.

    Fields are separated by tabs, or else by spaces. Raises `InputError` with file and line for a row without a tag, or
    with fewer or more fields than the first, for a tag that is not O, B-… or I-…, and where the columns cannot be told.
    """
    read = list(_blocks(path, layout.encoding))
    if not read:
        return
    width = len(read[0][1][0])
    word, tag = _positions(path, [rows for _, rows in read], width, layout)
    for start, rows in read:
        yield start, [_word(fields, width, word, tag, f"{path}, line {n}") for n, fields in enumerate(rows, start)]


def _blocks(path: Path, encoding: str) -> Iterator[tuple[int, Rows]]:
    """The lines between empty ones, without the comments before them."""
    start, rows = 0, Rows()
    for number, line in lines(path, _HINT, encoding):
        if not line.strip() or line.startswith(_DOCUMENT):
            if rows:
                yield start, rows
            rows = []
            continue
        fields = line.rstrip("\t ").split("\t") if "\t" in line.strip() else line.split()
        if not rows and line.startswith(("# ", "#\t")) and not _is_tag(fields[-1].strip()):
            continue
        if not rows:
            start = number
        rows.append(fields)
    if rows:
        yield start, rows


def _positions(path: Path, read: Sequence[Rows], width: int, layout: Layout) -> tuple[int, int]:
    """Where word and tag stand, counted from 0."""
    numbered = all(_NUMBER.fullmatch(fields[0]) for rows in read for fields in rows)
    word, tag = (_from_zero(path, wanted, width) for wanted in (layout.word, layout.tag))
    if word is None:
        if numbered and width < 3:
            raise InputError(f"{path}: all words are numbers; if they are meant, say 'word_column: 1'")
        word = 1 if numbered else 0
    if tag is None and numbered and word > 0:
        tag = _only_tags(path, read, width)
    tag = width - 1 if tag is None else tag
    if word == tag and width > 1:
        raise InputError(f"{path}: column {word + 1} cannot hold both words and tags; say word_column and tag_column")
    return word, tag


def _from_zero(path: Path, column: int | None, width: int) -> int | None:
    if column is None:
        return None
    if abs(column) > width:
        raise InputError(f"{path} has {width} columns, none of them number {column}")
    return column - 1 if column > 0 else width + column


def _only_tags(path: Path, read: Sequence[Rows], width: int) -> int:
    tagged = [
        column
        for column in range(2, width)
        if all(len(fields) > column and _is_tag(fields[column].strip()) for rows in read for fields in rows)
    ]
    if len(tagged) == 1:
        return tagged[0]
    found = f"columns {', '.join(str(column + 1) for column in tagged)} hold" if tagged else "no column holds only"
    raise InputError(f"{path}: the words are numbered, and {found} tags; say which one, as 'tag_column: 3'")


def _word(fields: Sequence[str], width: int, word: int, tag: int, where: str) -> tuple[str, str]:
    if len(fields) < 2:
        raise InputError(f"{where}: a word without a tag: {fields[0][:50]!r}")
    if len(fields) != width:
        raise InputError(f"{where}: {len(fields)} columns instead of {width}")
    text, found = fields[word], fields[tag].strip()
    if not text:
        raise InputError(f"{where}: no word in column {word + 1}")
    if not _is_tag(found):
        raise InputError(
            f"{where}: {found[:50]!r} is no tag; tags are O, B-TYPE and I-TYPE, in the column that tag_column names"
        )
    return text, found


def _is_tag(text: str) -> bool:
    return text == _OUTSIDE or (text[:2] in ("B-", "I-") and len(text) > 2)
