"""A query as a service has it: the text that came in is made tokens, and the model answers these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy

from benchbench.errors import Missing
from benchbench.meters.latency import TwoStages
from benchbench.targets.protocol import Batch, Shape
from benchbench.targets.session import CheckedSession
from benchbench.targets.texts import Texts, Written
from benchbench.targets.tokeniser import Tokeniser


@dataclass(frozen=True)
class Reading:
    """How texts become tokens: `written` has the same texts as those that are scored, in the same batches."""

    written: Written
    tokeniser: Tokeniser

    def batch(self, number: int, fixed: Shape | None = None) -> Batch:
        """The batch `number` as a session takes it, made from its texts."""
        return self.tokeniser.batch(self.written.batch(number), self.written.as_words, fixed)

    def differs(self, texts: Texts | Written, numbers: Sequence[int]) -> Missing | None:
        """Where the tokens of the batches `numbers` are not those of `texts`, which are scored; None where all are."""
        for number in numbers:
            made = self.batch(number)
            if any(not numpy.array_equal(made[name], part) for name, part in _tokens(texts, number).items()):
                return Missing(f"the tokenizers library makes other tokens of text {texts.rows(number)[0] + 1}")
        return None


class Answering:
    """A session and the texts that it is asked."""

    def __init__(self, session: CheckedSession, texts: Texts | Written, reading: Reading | None) -> None:
        self.session = session
        self._texts, self._reading = texts, reading

    def logits(self, number: int) -> list[numpy.ndarray]:
        """What it answers to each text of the batch `number`."""
        return self.apart(number, self.session.run(self._given(number)))

    def apart(self, number: int, logits: numpy.ndarray) -> list[numpy.ndarray]:
        """Each text's part of the `logits` of the batch `number`."""
        return list(logits) if isinstance(self._texts, Written) else self._texts.apart(number, logits)

    def query(self, number: int) -> TwoStages:
        """The batch `number` from its texts on where that can be, else from its tokens on."""
        return TwoStages(self.read(number), self.session.run)

    def read(self, number: int) -> Callable[[], Any]:
        """Making what the session takes of the texts of the batch `number`; it is there already without a reading."""
        if self._reading:
            return partial(self._reading.batch, number, self.session.fixed)
        made = self._given(number)
        return lambda: made

    def run(self, number: int) -> Callable[[], object]:
        """The model alone, on the batch `number`."""
        return partial(self.session.run, self._given(number))

    def _given(self, number: int) -> Any:
        if isinstance(self._texts, Written):
            return self._texts.batch(number)
        return self._texts.batch(number, self.session.fixed)


def _tokens(texts: Texts | Written, number: int) -> Batch:
    return {} if isinstance(texts, Written) else texts.batch(number)
