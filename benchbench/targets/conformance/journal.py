"""What a process notes of its checks as it goes, so that another can tell where it died."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchbench.targets.conformance.report import Check, Outcome


@dataclass(frozen=True, slots=True)
class Page:
    """One check: its outcome once it has ended, and until then the last shape (batch, tokens) that it came to."""

    check: str
    shape: tuple[int, int] | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Journal:
    """Lines of JSON in `file`, each written before what it announces is done."""

    file: Path

    def begin(self, check: str) -> None:
        self._note({"check": check})

    def come_to(self, rows: int, tokens: int) -> None:
        self._note({"shape": (rows, tokens)})

    def end(self, outcome: Outcome) -> None:
        self._note({"outcome": outcome.to_json()})

    def pages(self) -> Sequence[Page]:
        """One a check that was begun, in that order."""
        pages: list[Page] = []
        for line in self.file.read_text().splitlines() if self.file.exists() else []:
            match json.loads(line):
                case {"check": name}:
                    pages.append(Page(name))
                case {"shape": (rows, tokens)} if pages:
                    pages[-1] = replace(pages[-1], shape=(rows, tokens))
                case {"outcome": outcome}:
                    pages[-1] = replace(pages[-1], outcome=Outcome(**outcome))
        return pages

    def _note(self, line: Mapping[str, object]) -> None:
        with self.file.open("a") as stream:
            stream.write(f"{json.dumps(line)}\n")


def ended(pages: Sequence[Page]) -> list[Check]:
    return [Check(page.check, page.outcome) for page in pages if page.outcome is not None]
