"""Which model on which target: given a floor for quality and bounds for latency and memory."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from benchbench.errors import InputError, unknown
from benchbench.report.choice.candidates import Candidate, only_timed, scored_systems, total
from benchbench.report.view import ordered

MOST_CANDIDATES = 2000
NOT_SCORED = "not scored there"
NO_TOTAL = "cost in all not measured"


@dataclass(frozen=True, slots=True)
class Demands:
    """What a choice has to meet; None where nothing is asked. `task`: quality and costs of this task alone.

    `keep`: the share of the best score in fp32 PyTorch that quality has to reach, 0 to 1. `requests`: how many there
    will be, so that training counts; `price_per_hour`: of the machine, with `requests` alone.
    """

    min_quality: float | None = None
    max_p90_ms: float | None = None
    max_p99_ms: float | None = None
    max_memory_bytes: float | None = None
    keep: float | None = None
    task: str | None = None
    requests: float | None = None
    price_per_hour: float | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A candidate that does not meet the demands, with each reason."""

    candidate: Candidate
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`fitting` holds all that meet the demands: systems with scores first, then the cheapest first, in energy or, of
    so many requests at a price, in money.

    The first is the answer. `origin`: 'real' or 'synthetic', the data behind `quality`; empty when nothing was scored
    on a target. `floor`: what quality had to reach. `best_fp32`: the best score of any model in fp32 PyTorch on the
    same tasks.
    """

    fitting: tuple[Candidate, ...]
    rejected: tuple[Rejection, ...]
    origin: str
    tasks: tuple[str, ...]
    best_fp32: float | None
    floor: float | None
    requests: float | None = None
    price_per_hour: float | None = None

    @property
    def best(self) -> Candidate | None:
        return self.fitting[0] if self.fitting else None

    def as_json(self) -> dict[str, Any]:
        """Plain data, for `--json`."""
        best = asdict(self.best) if self.best else None
        return {"best": best, **asdict(self)}


def pick(view: pd.DataFrame, deployed: pd.DataFrame, missing: pd.DataFrame, demands: Demands | None = None) -> Choice:
    """All systems of `deployed`, and all models of the labelled `view` on targets where they were only timed, sorted
    into those that meet the demands and those that do not.

    A system's score, latency, memory and energy are its own. A demand on something that was not measured is not met,
    and none on a percentile for which there were too few queries (`missing`: what is `view.unmeasured`).
    Without demands everything fits. Raises `InputError` for a task that no system was scored on, and for a price
    without a number of requests.
    """
    demands = demands or Demands()
    if demands.price_per_hour is not None and demands.requests is None:
        raise InputError("a price needs how many requests it is for: add --requests 10M")
    tasks = ordered(deployed["task"])
    if demands.task is not None and demands.task not in tasks:
        raise unknown("task that was scored on a target", demands.task, tasks or ["none in this run"])
    scored = scored_systems(view, deployed, missing, demands.task)
    floor = _floor(demands, scored.best_fp32)
    fitting, rejected = [], []
    offered = (*scored.systems, *only_timed(view, missing, scored))
    for candidate in sorted((_with_total(one, demands) for one in offered), key=_order)[:MOST_CANDIDATES]:
        if reasons := _shortcomings(candidate, demands, floor):
            rejected.append(Rejection(candidate, reasons))
        else:
            fitting.append(candidate)
    return Choice(
        *(tuple(fitting), tuple(rejected), scored.origin, scored.tasks, scored.best_fp32, floor),
        requests=demands.requests,
        price_per_hour=demands.price_per_hour,
    )


def _with_total(candidate: Candidate, demands: Demands) -> Candidate:
    if demands.requests is None:
        return candidate
    return replace(candidate, total=total(candidate.costs, demands.requests, demands.price_per_hour))


def _floor(demands: Demands, best_fp32: float | None) -> float | None:
    if demands.keep is None:
        return demands.min_quality
    if best_fp32 is None:
        raise InputError("no system of this run has a score on its target, so that there is none to keep: add 'deploy'")
    return max(demands.keep * best_fp32, demands.min_quality or 0.0)


def _shortcomings(candidate: Candidate, demands: Demands, floor: float | None) -> tuple[str, ...]:
    """Why `candidate` does not meet the demands; empty when it does."""
    checks = (
        ("quality", NOT_SCORED, candidate.quality, floor, "below"),
        ("p90", f"p90 {candidate.no_p90 or 'not measured'}", candidate.p90_ms, demands.max_p90_ms, "above"),
        ("p99", f"p99 {candidate.no_p99 or 'not measured'}", candidate.p99_ms, demands.max_p99_ms, "above"),
        ("memory", "memory not measured", candidate.memory_bytes, demands.max_memory_bytes, "above"),
    )
    found = [
        absent if value is None else f"{name} {side} the bound"
        for name, absent, value, bound, side in checks
        if bound is not None and (value is None or (value < bound if side == "below" else value > bound))
    ]
    unknown = candidate.total is not None and math.isinf(candidate.total.decisive)
    return (*found, NO_TOTAL) if unknown else tuple(found)


def _order(candidate: Candidate) -> tuple[bool, float, float, float, float, str, str]:
    endless = float("inf")
    in_all = 0.0 if candidate.total is None else candidate.total.decisive
    costs = (candidate.kwh_per_million, candidate.p99_ms, candidate.p90_ms)
    energy, p99, p90 = (endless if cost is None else cost for cost in costs)
    return candidate.quality is None, in_all, energy, p99, p90, candidate.model, candidate.target
