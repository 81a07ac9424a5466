"""Keeping home folders and private paths out of what is written."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from benchbench.places import LOCAL, Place

_NAME = r"[\w.+@~-]"  # characters that go on with a name; a dot that ends a sentence does not
_ENDS = r"(?!\.?[\w+@~-])"
_OTHER_PATH = rf"(?:/{_NAME}+)+"


@dataclass(frozen=True)
class Redaction:
    """`signs`: what stands instead of each private path, where it is written from its root on, and whole.

    A path inside another is replaced by its own sign: a folder below the home folder keeps its name. A longer name that
    begins alike, and another path that holds the same names further down, stay as they are.
    """

    signs: Mapping[str, str]

    def text(self, text: str) -> str:
        return self._pattern.sub(lambda found: self.signs.get(found[0], found[0]), text) if self.signs else text

    def tree(self, value: Any) -> Any:
        """A JSON value with every string in it redacted."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.tree(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.tree(item) for item in value]
        return value

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        private = "|".join(re.escape(path) for path in sorted(self.signs, key=len, reverse=True))
        return re.compile(rf"(?:{private}){_ENDS}|{_OTHER_PATH}")


def redaction(places: Iterable[Place], run: Path) -> Redaction:
    """Replace each place on disk by its own name, this environment, the home folder and `run` by short signs."""
    signs = {
        str(Path.home()): "~",
        sys.prefix: "<environment>",
        str(Path.cwd()): ".",
        str(run.resolve()): "<run>",
    }
    for place in places:
        if place.path is not None:
            spellings = (str(place.path), os.path.realpath(place.path), place.in_full.removeprefix(LOCAL))
            signs |= dict.fromkeys(spellings, place.sign)
    return Redaction({path: sign for path, sign in signs.items() if len(path) > 1})
