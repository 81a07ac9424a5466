"""A tokenizer as a service has it: text in, a session's batch out, without the library that models come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from benchbench.targets.shape import Batch, Shape
from benchbench.targets.texts import Texts

if TYPE_CHECKING:
    import tokenizers

FILE = "tokenizer.json"
"""Where transformers leaves a fast tokenizer in a model's folder."""


@dataclass(frozen=True)
class Tokeniser:
    """`file`: see `FILE`. Texts are cut to `max_length` tokens, at the left where `cut_left`, the longer of a pair
    first. `types`, `padding`, `pad_left`: whether the model knows token types, and as of `Texts`.
    """

    file: Path
    max_length: int
    cut_left: bool = False
    types: bool = True
    padding: tuple[int, int] = (0, 0)
    pad_left: bool = False

    @cached_property
    def _tokenizer(self) -> tokenizers.Tokenizer:
        import tokenizers

        loaded = tokenizers.Tokenizer.from_file(str(self.file))
        loaded.no_padding()
        loaded.enable_truncation(self.max_length, direction="left" if self.cut_left else "right")
        return loaded

    def batch(self, texts: Sequence[tuple[str, ...]], as_words: bool = False, fixed: Shape | None = None) -> Batch:
        """`texts` (see `Written`) as one batch: as long as its longest text, or in the shape that is `fixed`."""
        given = [list(text) if as_words else text if len(text) > 1 else text[0] for text in texts]
        encoded = self._tokenizer.encode_batch(given, is_pretokenized=as_words)
        ids = tuple(tuple(each.ids) for each in encoded)
        types = tuple(tuple(each.type_ids) for each in encoded) if self.types else ()
        return Texts(ids, types, len(ids), self.padding, self.pad_left).batch(0, fixed)
