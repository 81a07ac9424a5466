"""A task's texts as the batches that a session is given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy

from benchbench.targets.shape import Shape


class InBatches(ABC):
    """Texts that are given to a session in batches: `batch_size` neighbours at a time."""

    batch_size: int

    @abstractmethod
    def __len__(self) -> int:
        """How many texts there are."""

    @property
    def batches(self) -> int:
        return -(-len(self) // self.batch_size)

    def rows(self, number: int) -> range:
        """Which texts the batch `number` holds."""
        return range(number * self.batch_size, min((number + 1) * self.batch_size, len(self)))


@dataclass(frozen=True)
class Written(InBatches):
    """Texts as people wrote them, each as its parts: one text, a pair, or the words of a sentence (`as_words`)."""

    texts: tuple[tuple[str, ...], ...]
    batch_size: int = 1
    as_words: bool = False

    def __len__(self) -> int:
        return len(self.texts)

    def only(self, rows: range) -> Written:
        """These texts alone."""
        return replace(self, texts=self.texts[rows.start : rows.stop])

    def batch(self, number: int) -> tuple[tuple[str, ...], ...]:
        """The texts of the batch `number`."""
        return tuple(self.texts[row] for row in self.rows(number))


@dataclass(frozen=True)
class Texts(InBatches):
    """Tokenised texts as batches: `batch_size` neighbours at a time, as long as the longest of them.

    `input_ids`: each text's tokens. `token_types`: their types, empty where the tokenizer gives none (all are 0).
    `padding`: the token and the type that fill a row, before its text where `pad_left`.
    """

    input_ids: tuple[tuple[int, ...], ...]
    token_types: tuple[tuple[int, ...], ...]
    batch_size: int = 1
    padding: tuple[int, int] = (0, 0)
    pad_left: bool = False

    def __len__(self) -> int:
        return len(self.input_ids)

    def only(self, rows: range) -> Texts:
        """These texts alone."""
        kept = slice(rows.start, rows.stop)
        return replace(self, input_ids=self.input_ids[kept], token_types=self.token_types[kept])

    @property
    def longest(self) -> int:
        """Tokens of the longest text."""
        return max(len(ids) for ids in self.input_ids)

    def batch(self, number: int, fixed: Shape | None = None) -> dict[str, numpy.ndarray]:
        """The batch `number`; where the shape is `fixed`, filled up to it, its last text repeated."""
        numbers = list(self.rows(number))
        ids = [self.input_ids[row] for row in numbers]
        types = [self.token_types[row] if self.token_types else (0,) * len(self.input_ids[row]) for row in numbers]
        rows = fixed.batch_size if fixed else len(ids)
        columns = fixed.sequence_length if fixed else max(map(len, ids))
        more = rows - len(ids)
        return self._filled(ids + ids[-1:] * more, types + types[-1:] * more, columns)

    def variants(self, number: int, count: int, fixed: Shape | None, seed: int) -> list[dict[str, numpy.ndarray]]:
        """`count` different batches in the shape of the batch `number`: tokens of any texts between the first and the
        last of each row."""
        first, generator = self.batch(number, fixed), numpy.random.default_rng(seed)
        tokens = numpy.concatenate([numpy.asarray(ids, dtype=numpy.int64) for ids in self.input_ids])
        inner = first["attention_mask"].astype(bool)
        for row in inner:
            row[numpy.flatnonzero(row)[[0, -1]]] = False
        found = []
        for _ in range(count):
            ids = first["input_ids"].copy()
            ids[inner] = generator.choice(tokens, int(inner.sum()))
            found.append({**first, "input_ids": ids})
        return found

    def apart(self, number: int, logits: numpy.ndarray) -> list[numpy.ndarray]:
        """Each text's part of the `logits` of batch `number`, without what was said about padding."""
        parts = []
        for row, of_text in zip(self.rows(number), logits, strict=False):
            length = len(self.input_ids[row])
            of_tokens = of_text[-length:] if self.pad_left else of_text[:length]
            parts.append(of_text if of_text.ndim == 1 else of_tokens)
        return parts

    def _filled(
        self, ids: Sequence[tuple[int, ...]], types: Sequence[tuple[int, ...]], columns: int
    ) -> dict[str, numpy.ndarray]:
        masks = [(1,) * len(row) for row in ids]
        parts = {"input_ids": (ids, self.padding[0]), "attention_mask": (masks, 0)}
        parts["token_type_ids"] = (types, self.padding[1])
        return {name: self._rectangle(rows, columns, fill) for name, (rows, fill) in parts.items()}

    def _rectangle(self, rows: Sequence[tuple[int, ...]], columns: int, fill: int) -> numpy.ndarray:
        found = numpy.full((len(rows), columns), fill, dtype=numpy.int64)
        for line, row in zip(found, rows, strict=True):
            line[columns - len(row) if self.pad_left else 0 : columns if self.pad_left else len(row)] = row
        return found
