"""Figures as PNG files, drawn by vl-convert: no browser, no network."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import vl_convert

from benchbench.report.figures.charts import Figure
from benchbench.runs import atomic

VEGA_LITE = "6.4"
WIDTH_PIXELS = 640
PIXEL_RATIO = 1.5


def write(figures: Iterable[Figure], folder: Path) -> dict[str, Path]:
    """Write each figure as KEY.png on white into `folder`; returns the files by key."""
    written = {}
    for figure in figures:
        path = folder / f"{figure.key}.png"
        atomic.write_bytes(path, png(figure))
        written[figure.key] = path
    return written


def png(figure: Figure) -> bytes:
    """`figure` as PNG, `WIDTH_PIXELS` × `PIXEL_RATIO` wide, on white."""
    spec = {**figure.spec, "width": WIDTH_PIXELS, "background": "white", "padding": 8}
    return bytes(vl_convert.vegalite_to_png(spec, scale=PIXEL_RATIO, vl_version=VEGA_LITE))


def javascript() -> str:
    """Vega, Vega-Lite and vega-embed as one script that sets `window.vegaEmbed`."""
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", VEGA_LITE))
