"""Executed notebooks as pages that open in a browser."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from benchbench import json_schema
from benchbench.runs import atomic
from benchbench.runs.folder import Run

MOST_PAGES = 60
"""Rendering takes a fraction of a second each; with more cells than this only the notebooks themselves are linked."""


def render(run: Run) -> Mapping[str, str]:
    """Write each executed notebook as report/notebooks/CELL.html; returns the pages by cell, relative to the report.

    No script in a notebook runs in its page. Notebooks that cannot be read are left out.
    """
    cells = [record.cell for record in run.records if run.notebook_path(record.cell).is_file()]
    written = {}
    for cell in cells if len(cells) <= MOST_PAGES else []:
        page = html(run, cell)
        if page is not None:
            atomic.write_text(run.folder / "report" / "notebooks" / f"{cell}.html", page)
            written[cell] = f"notebooks/{cell}.html"
    return written


def html(run: Run, cell: str) -> str | None:
    """The notebook of `cell` as a whole page without scripts and without network; None when it cannot be read."""
    json_schema.load()
    from nbformat import ValidationError, reads
    from nbformat.reader import NotJSONError

    try:
        notebook = reads(run.notebook_path(cell).read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    except (NotJSONError, ValidationError, OSError, UnicodeDecodeError, AttributeError, KeyError):
        return None
    body, _ = _exporter().from_notebook_node(notebook)
    return str(_template().render(title=run.manifest.titles.get(cell, cell), body=Markup(body)))


@cache
def _exporter() -> Any:
    from nbconvert import HTMLExporter

    return HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic",
        sanitize_html=True,
        filters={"clean_html": cleaned},  # nbconvert's own lets neither headings nor the heads of tables through
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )


@cache
def _template() -> Any:
    return Environment(loader=PackageLoader("benchbench.report.pages", "templates"), autoescape=True).get_template(
        "notebook.html.jinja"
    )


_TAGS = frozenset(
    "a abbr b blockquote br caption code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img li ol"
    " p pre s small span strong sub summary sup table tbody td tfoot th thead tr u ul".split()
)
_ATTRIBUTES = {
    "*": ("class", "title"),
    "a": ("href",),
    "img": ("alt", "width", "height"),
    "td": ("colspan", "rowspan"),
    "th": ("colspan", "rowspan", "scope"),
}
_STYLE = re.compile(r"<style\b.*?</style\s*>", re.IGNORECASE | re.DOTALL)  # pandas puts one beside each of its tables
_PICTURE = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*")


def cleaned(html: object) -> str:
    """HTML from a notebook with what formats text and nothing that acts: all else stands there as the text it is."""
    import bleach

    text = html.decode() if isinstance(html, bytes) else str(html)
    protocols = frozenset({"http", "https", "mailto", "data"})
    return str(bleach.clean(_STYLE.sub("", text), tags=_TAGS, attributes=_allowed, protocols=protocols))


def _allowed(tag: str, name: str, value: str) -> bool:
    if (tag, name) == ("img", "src"):
        return _PICTURE.fullmatch(value) is not None
    if (tag, name) == ("a", "href") and value.strip().lower().startswith("data"):
        return False
    return name in _ATTRIBUTES["*"] or name in _ATTRIBUTES.get(tag, ())
