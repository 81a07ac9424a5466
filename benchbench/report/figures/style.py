"""Colours and figure settings, in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8C6D31", "#999999")
"""Okabe and Ito (2008), colours that people with the common colour-blindnesses tell apart; its yellow and black,
which vanish on white or on dark paper, replaced by brown and grey."""

MARKS = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
"""Shapes that go with the colours, so that colour never carries a meaning alone."""

INK = "#333333"
RULE = "#888888"
GRID = "#DDDDDD"


def colours(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """A domain and its colours: the same name has the same colour in every figure of a report."""
    return list(names), [PALETTE[index % len(PALETTE)] for index in range(len(names))]


def marks(names: Sequence[str]) -> list[str]:
    """The point shape of each name. With more names than colours, shapes shift so that the pairs stay different."""
    return [MARKS[(index + index // len(PALETTE)) % len(MARKS)] for index in range(len(names))]


def config() -> Mapping[str, Any]:
    """Vega-Lite's `config` for every figure."""
    text = {"labelColor": INK, "titleColor": INK, "labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal"}
    return {
        "background": "transparent",
        "font": "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif",
        "view": {"stroke": None},
        "axis": {**text, "gridColor": GRID, "domainColor": RULE, "tickColor": RULE, "labelLimit": 180},
        "legend": {**text, "title": None, "orient": "top", "labelLimit": 140, "symbolSize": 90, "columns": 2},
        "title": {"color": INK, "anchor": "start", "fontSize": 13, "fontWeight": 600},
        "header": {"labelColor": INK, "titleColor": INK},
    }
