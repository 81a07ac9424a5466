"""What is measured: every quantity, one row each, with all that the rest of the package knows of it.

Imports nothing heavy, so that reading a record costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from benchbench.quantities.measured import MEASURED
from benchbench.quantities.metrics import GLUE_SCORE, MEAN_SCORE, METRICS, MISMATCHED
from benchbench.quantities.quantity import Basis, Quantity

__all__ = ["METRICS", "QUANTITIES", "SCORES", "Basis", "Quantity"]

SCORES: tuple[str, ...] = (*METRICS, MISMATCHED.name)
"""The quantities that say how well a model does one task: each metric, and MNLI's accuracy on its second split."""

QUANTITIES: Mapping[str, Quantity] = {
    quantity.name: quantity
    for quantity in (*MEASURED, *(metric.quantity for metric in METRICS.values()), MISMATCHED, GLUE_SCORE, MEAN_SCORE)
}
