"""Keeping home folders and private paths out of what is written."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Redaction:
    """Replacements of text, longest first, so that a folder inside the home folder keeps its own name."""

    replacements: tuple[tuple[str, str], ...]

    def text(self, text: str) -> str:
        for private, public in self.replacements:
            text = text.replace(private, public)
        return text

    def tree(self, value: Any) -> Any:
        """A JSON value with every string in it redacted."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.tree(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.tree(item) for item in value]
        return value


def redaction(sources: Iterable[str], run: Path) -> Redaction:
    """Replace each 'local:FOLDER' source by its folder's name, this environment and the home folder by short signs."""
    replacements = {
        str(Path.home()): "~",
        sys.prefix: "<environment>",
        str(Path.cwd()): ".",
        str(run.resolve()): "<run>",
    }
    for source in sources:
        kind, _, folder = source.partition(":")
        if kind == "local":
            replacements[folder] = Path(folder).name
    usable = {private: public for private, public in replacements.items() if len(private) > 1}
    return Redaction(tuple(sorted(usable.items(), key=lambda pair: -len(pair[0]))))
