"""Parts of a run's report to look at in a notebook."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from html import escape
from pathlib import Path

from benchbench.report.claims import claims
from benchbench.report.content import Content, content
from benchbench.report.pages import pictures
from benchbench.report.pages.render import table_html
from benchbench.runs.folder import Run


@dataclass(frozen=True)
class Page:
    """HTML that a step of a notebook can end with."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


@dataclass(frozen=True)
class Report:
    """What a run's report said when it was read."""

    said: Content

    @property
    def overview(self) -> Page:
        """The answer, what was measured, what to keep in mind, and one row a model."""
        answer = "".join(f"<li>{escape(headline.text)}.</li>" for headline in self.said.answer)
        lines = "".join(f"<p>{escape(line)}</p>" for line in self.said.introduction)
        warnings = "".join(f"<li>{escape(line)}</li>" for line in self.said.warnings)
        return Page(f"<ul>{answer}</ul>{lines}<ul>{warnings}</ul>{self._tables('glance')}")

    @property
    def verdicts(self) -> Page:
        """The claims with their verdicts and evidence."""
        return Page(self._tables("verdicts"))

    @property
    def figures(self) -> Page:
        """Every figure of the report, as pictures."""
        drawn = [figure for section in self.said.sections for figure in section.figures]
        return Page("".join(_picture(pictures.png(figure), figure.title, figure.caption) for figure in drawn))

    def _tables(self, key: str) -> str:
        tables = [table for section in self.said.sections if section.key == key for table in section.tables]
        return "".join(table_html(table) for table in tables)


def read(run: str | Path) -> Report:
    """The report of a run as its folder is now. Raises `InputError` when `run` is no run folder."""
    return Report(content(Run.open(Path(run)), claims.shipped(), {}))


def _picture(png: bytes, title: str, caption: str) -> str:
    return (
        f"<figure><figcaption><strong>{escape(title)}</strong><br>{escape(caption)}</figcaption>"
        f'<img alt="{escape(title)}" src="data:image/png;base64,{b64encode(png).decode()}"></figure>'
    )
