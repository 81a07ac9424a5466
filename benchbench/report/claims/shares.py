"""Claims such as 'within 100 ms in 99 of 100 cases': of a share of queries, and tested as one.

That at least 99 of 100 queries take at most x, and that the 99th percentile is at most x, are one statement. The ends
of a percentile's interval are the one-sided binomial bounds of that share, dependence taken into account (see
`meters.percentiles`): to compare them with x is the binomial test at x, whatever x is, and nothing but the percentile
has to be kept for it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from benchbench.report.claims.claims import Claim
from benchbench.report.evaluations.retained import MOST_TIMES, about
from benchbench.report.tails import PERCENTILES
from benchbench.report.view import Estimate, Key, estimates, reasons
from benchbench.scoring.noninferiority import Decision

Tested = tuple[Estimate | None, Decision, str]
"""What was compared, what that decides, and what would decide where it does not, in words."""


def tested(claim: Claim, value: Estimate) -> Tested:
    """Supported where the whole interval is on the claimed side, not supported where it is on the other."""
    decision = _decision(claim, value.low, value.high)
    return value, decision, _needed(value, claim.threshold) if decision == "undecided" else ""


def without(
    claim: Claim, rows: pd.DataFrame, missing: pd.DataFrame, by: Sequence[str]
) -> Mapping[Key, tuple[str, Tested]]:
    """What is known of a percentile that has too few queries, by the columns `by`, with what was compared instead.

    Where already a lower percentile is above the threshold, by its whole interval, so is this one: few queries are
    enough to see that. Else it is undecided, for the reason that `missing` (what is `view.unmeasured`) gives.
    """
    quantity = str(claim.quantity)
    lower = PERCENTILES[PERCENTILES.index(quantity) + 1 :]
    known = {name: estimates(rows, name, by) for name in lower}
    found: dict[Key, tuple[str, Tested]] = {}
    for key, reason in reasons(missing, quantity, by).items():
        found[key] = "", (None, "undecided", reason)
        for name in lower:
            value = known[name].get(key)
            decision = _decision(claim, value.low, math.inf) if value else "undecided"
            if value and decision != "undecided":
                found[key] = name.removeprefix("latency_"), (value, decision, "")
    return found


def _decision(claim: Claim, low: float | None, high: float | None) -> Decision:
    if low is None or high is None:
        return "undecided"
    below = claim.comparison.endswith("below")
    if high < claim.threshold:
        return "supported" if below else "not supported"
    if low > claim.threshold:
        return "not supported" if below else "supported"
    return "undecided"


def _needed(value: Estimate, threshold: float) -> str:
    """How many more queries would take the interval to one side of the threshold, in words."""
    end = value.high if value.value < threshold else value.low
    if end is None:
        return "needs more rounds and processes"
    distance = abs(threshold - value.value)
    times = (abs(end - value.value) / distance) ** 2 if distance else math.inf
    if times > MOST_TIMES:
        return "too close to the threshold for more queries"
    return f"needs about {about(math.ceil(value.samples * max(times - 1, 0.1))):,} more queries"
