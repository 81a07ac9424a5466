"""Parts of a run's report to look at in a notebook."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from benchbench.report.claims import claims
from benchbench.report.content import Content, content
from benchbench.report.pages import pictures
from benchbench.report.pages.render import table_html
from benchbench.runs.folder import Run


@dataclass(frozen=True)
class Page:
    """HTML that a notebook cell can end with."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


def overview(run: str) -> Page:
    """What was measured, what to keep in mind, and one row a model."""
    said = _content(run)
    lines = "".join(f"<p>{escape(line)}</p>" for line in said.introduction)
    warnings = "".join(f"<li>{escape(line)}</li>" for line in said.warnings)
    return Page(f"{lines}<ul>{warnings}</ul>{_tables(said, 'glance')}")


def verdicts(run: str) -> Page:
    """The claims with their verdicts and evidence."""
    return Page(_tables(_content(run), "verdicts"))


def figures(run: str) -> Page:
    """Every figure of the report, as pictures."""
    drawn = [figure for section in _content(run).sections for figure in section.figures]
    return Page("".join(_picture(pictures.png(figure), figure.title) for figure in drawn))


@cache
def _content(run: str) -> Content:
    return content(Run.open(Path(run)), claims.shipped(), {})


def _tables(said: Content, key: str) -> str:
    tables = [table for section in said.sections if section.key == key for table in section.tables]
    return "".join(table_html(table) for table in tables)


def _picture(png: bytes, title: str) -> str:
    return f'<h3>{escape(title)}</h3><img alt="{escape(title)}" src="data:image/png;base64,{b64encode(png).decode()}">'
