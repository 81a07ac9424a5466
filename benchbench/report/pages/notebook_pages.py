"""Executed notebooks as pages that open in a browser."""

from __future__ import annotations

from collections.abc import Mapping

from benchbench.runs import atomic
from benchbench.runs.folder import Run

MOST_PAGES = 60
"""Rendering takes a fraction of a second each; with more cells than this only the notebooks themselves are linked."""


def render(run: Run) -> Mapping[str, str]:
    """Write each executed notebook as report/notebooks/CELL.html; returns the pages by cell, relative to the report.

    Outputs are sanitised: no script in a notebook runs in its page. Notebooks that cannot be read are left out.
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
    from markupsafe import escape
    from nbconvert import HTMLExporter
    from nbformat import ValidationError, reads
    from nbformat.reader import NotJSONError

    try:
        notebook = reads(run.notebook_path(cell).read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    except (NotJSONError, ValidationError, OSError, UnicodeDecodeError, AttributeError, KeyError):
        return None
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic", sanitize_html=True, exclude_input_prompt=True, exclude_output_prompt=True
    )
    body, _ = exporter.from_notebook_node(notebook)
    return _PAGE.format(title=escape(cell), body=body)


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0 auto; max-width: 60rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; }}
pre {{ overflow-x: auto; padding: 0.5rem; background: #8881; font-size: 0.85rem; }}
table {{ border-collapse: collapse; font-size: 0.85rem; display: block; overflow-x: auto; }}
th, td {{ text-align: left; padding: 0.2rem 0.6rem; border-bottom: 1px solid #8884; }}
</style>
</head>
<body>
<p><a href="../index.html">Back to the report</a></p>
{body}
</body>
</html>
"""
