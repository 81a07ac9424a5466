"""Which model on which target: given a floor for quality and bounds for latency and memory."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from benchbench.errors import InputError, unknown
from benchbench.report.choice.candidates import Candidate, only_timed, scored_systems
from benchbench.report.view import ordered

MOST_CANDIDATES = 2000
NOT_SCORED = "not scored there"


@dataclass(frozen=True, slots=True)
class Demands:
    """What a choice has to meet; None where nothing is asked. `task`: quality and costs of this task alone.

    `keep`: the share of the best score in fp32 PyTorch that quality has to reach, 0 to 1.
    """

    min_quality: float | None = None
    max_p90_ms: float | None = None
    max_p99_ms: float | None = None
    max_memory_bytes: float | None = None
    keep: float | None = None
    task: str | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A candidate that does not meet the demands, with each reason."""

    candidate: Candidate
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`fitting` holds all that meet the demands: systems with scores first, then the cheapest in energy first.

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
    Without demands everything fits. Raises `InputError` for a task that no system was scored on.
    """
    demands = demands or Demands()
    tasks = ordered(deployed["task"])
    if demands.task is not None and demands.task not in tasks:
        raise unknown("task that was scored on a target", demands.task, tasks or ["none in this run"])
    scored = scored_systems(view, deployed, missing, demands.task)
    floor = _floor(demands, scored.best_fp32)
    fitting, rejected = [], []
    for candidate in sorted((*scored.systems, *only_timed(view, missing, scored)), key=_order)[:MOST_CANDIDATES]:
        if reasons := _shortcomings(candidate, demands, floor):
            rejected.append(Rejection(candidate, reasons))
        else:
            fitting.append(candidate)
    return Choice(tuple(fitting), tuple(rejected), scored.origin, scored.tasks, scored.best_fp32, floor)


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
    return tuple(
        absent if value is None else f"{name} {side} the bound"
        for name, absent, value, bound, side in checks
        if bound is not None and (value is None or (value < bound if side == "below" else value > bound))
    )


def _order(candidate: Candidate) -> tuple[bool, float, float, float, str, str]:
    endless = float("inf")
    energy = endless if candidate.kwh_per_million is None else candidate.kwh_per_million
    p99, p90 = (endless if tail is None else tail for tail in (candidate.p99_ms, candidate.p90_ms))
    return candidate.quality is None, energy, p99, p90, candidate.model, candidate.target
