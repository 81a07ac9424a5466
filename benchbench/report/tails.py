"""Which percentile speaks for the tail of latencies: the highest that there are queries enough for."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from benchbench.quantities import QUANTITIES
from benchbench.report.view import Key, estimates

PERCENTILES = tuple(
    sorted(
        (name for name, known in QUANTITIES.items() if known.percentile), key=lambda q: -(QUANTITIES[q].percentile or 0)
    )
)
"""The highest first."""

TAILS = PERCENTILES[:-1]
"""Those above the median."""


def highest(rows: pd.DataFrame, by: Sequence[str], subjects: Sequence[Key]) -> str:
    """The highest percentile that all `subjects` have, else the highest that any of them has: never two in one column.

    Where none has any it is the lowest, which takes the fewest queries. `by`: the columns whose values name a subject.
    """
    found = {quantity: estimates(rows, quantity, by) for quantity in TAILS}
    everywhere = [name for name in TAILS if all(subject in found[name] for subject in subjects)]
    somewhere = [name for name in TAILS if any(subject in found[name] for subject in subjects)]
    return [*everywhere, *somewhere, TAILS[-1]][0]


def above(quantity: str) -> str:
    """What to say of the percentiles above the one that is shown; empty where it is the highest."""
    higher = [QUANTITIES[name].title.rsplit(" ", 1)[-1] for name in TAILS[: TAILS.index(quantity)]]
    return f"{' and '.join(higher)} takes more queries than all of these have." if higher else ""
