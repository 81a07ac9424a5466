"""From a run folder to its report in RUN/report: index.html, report.md, pictures, LaTeX tables, notebooks as pages."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from benchbench.report.choice import options
from benchbench.report.claims import claims
from benchbench.report.content import Content, content
from benchbench.report.pages import latex, markdown, notebook_pages, pictures
from benchbench.report.tables import glance
from benchbench.report.tables.table import Table, shortened
from benchbench.report.view import labelled, named, systems, unmeasured
from benchbench.runs import atomic
from benchbench.runs.folder import Run

MOST_ROWS = 400
"""Rows of one table on the page; the rest is in measurements.csv."""


def render(run: Run, claims_file: Path | None = None) -> Path:
    """Write the report of `run` into its folder and return the page's path.

    `claims_file`: claims of one's own (YAML, see `benchbench.report.claims.claims`), tested after those that come with
    the package. Raises `InputError` when that file is no list of claims or the folder cannot be written.
    """
    own = claims.read(claims_file) if claims_file else ()
    said = content(run, (*claims.shipped(), *own), notebook_pages.render(run))
    folder = run.folder / "report"
    drawn = [figure for section in said.sections for figure in section.figures]
    files = pictures.write(drawn, folder / "figures")
    relative = {key: path.relative_to(folder).as_posix() for key, path in files.items()}
    for table in {table.key: table for section in said.sections for table in section.tables}.values():
        atomic.write_text(folder / "latex" / f"{table.key}.tex", latex.latex_table(shortened(table, MOST_ROWS)))
    atomic.write_text(folder / "report.md", markdown.page(said, relative))
    atomic.write_text(folder / "index.html", html(said))
    return folder / "index.html"


def summary(run: Run) -> Table:
    """One row a model, for the console."""
    rows = run.measurements
    return glance.summary(labelled(rows), systems(rows), unmeasured(run.absences, named(rows)))


def html(said: Content) -> str:
    """The page as one file that needs no network."""
    specs = {figure.key: figure.spec for section in said.sections for figure in section.figures}
    return (
        _environment()
        .get_template("index.html.jinja")
        .render(
            content=said,
            specs=inline_json(specs),
            vega=Markup(_vega()) if specs else "",
        )
    )


def table_html(table: Table) -> str:
    """One table of the report as HTML, every text escaped."""
    template = _environment().from_string("{% import 'table.html.jinja' as parts %}{{ parts.draw(table) }}")
    return template.render(table=table)


def inline_json(value: Any) -> Markup:
    """`value` as JSON that can stand inside a script element: no text in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in ("<", ">", "&", "\u2028", "\u2029"):
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


@cache
def _vega() -> str:
    return pictures.javascript().replace("</script", "<\\/script").replace("<!--", "<\\!--")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("benchbench.report.pages", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["answer"] = options.answer
    environment.filters["options"] = options.options
    environment.filters["shortened"] = lambda table: shortened(table, MOST_ROWS)
    return environment
