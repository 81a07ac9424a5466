"""Which figures a report has: each a function from the labelled measurements to Vega-Lite charts, or None.

A figure that would show nothing is None: the page leaves it out. Values are in the units of their axis titles.
"""

from benchbench.report.figures.cost import latency, memory, speedup
from benchbench.report.figures.quality import learning, pareto
from benchbench.report.figures.scaling import scaling
from benchbench.report.figures.total_energy import total_energy
from benchbench.report.figures.work import layers, roofline

__all__ = ["latency", "layers", "learning", "memory", "pareto", "roofline", "scaling", "speedup", "total_energy"]
