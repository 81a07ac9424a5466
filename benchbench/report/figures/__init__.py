"""Which figures a report has: each a function from the labelled measurements to Vega-Lite charts, or None.

A figure that would show nothing is None: the page leaves it out. Values are in the units of their axis titles.
"""

from benchbench import json_schema

json_schema.load()  # before altair is imported

from benchbench.report.figures.cost import latency, memory, speedup  # noqa: E402
from benchbench.report.figures.quality import learning, pareto  # noqa: E402
from benchbench.report.figures.scaling import scaling  # noqa: E402
from benchbench.report.figures.tokens import tokens  # noqa: E402
from benchbench.report.figures.total_energy import total_energy  # noqa: E402
from benchbench.report.figures.work import layers, roofline  # noqa: E402

__all__ = [
    "latency",
    "layers",
    "learning",
    "memory",
    "pareto",
    "roofline",
    "scaling",
    "speedup",
    "tokens",
    "total_energy",
]
