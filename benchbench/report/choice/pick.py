"""Which model on which target: given a floor for quality and bounds for latency and memory."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from benchbench.report.view import Estimate, Shape, at, distinct, estimates, headline, origins, overall

JOULES_PER_KWH = 3_600_000
MOST_CANDIDATES = 2000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model on a target, one request at a time. Costs are of a million requests; None where not measured.

    `quality`: the mean score over the tasks of `Choice.origin`, 0 to 1.
    """

    model: str
    target: str
    quality: float | None
    p99_ms: float | None
    memory_bytes: float | None
    kwh_per_million: float | None
    kg_co2eq_per_million: float | None
    energy_basis: str = ""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A candidate that does not meet the demands, with each reason."""

    candidate: Candidate
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`fitting` holds all that meet the demands, the cheapest in energy first; the first is the answer.

    `origin`: 'real' or 'synthetic', the data behind `quality`; empty when nothing was scored.
    `shape`: the shape of the requests, empty when no latency was measured.
    """

    fitting: tuple[Candidate, ...]
    rejected: tuple[Rejection, ...]
    origin: str
    tasks: tuple[str, ...]
    shape: str

    @property
    def best(self) -> Candidate | None:
        return self.fitting[0] if self.fitting else None

    def as_json(self) -> dict[str, Any]:
        """Plain data, for `--json`."""
        best = asdict(self.best) if self.best else None
        return {"best": best, **asdict(self)}


def pick(
    view: pd.DataFrame,
    min_quality: float | None = None,
    max_p99_ms: float | None = None,
    max_memory_bytes: float | None = None,
) -> Choice:
    """All models on all targets of the labelled `view`, sorted into those that meet the demands and those that do not.

    A demand on something that was not measured is not met. Without demands everything fits.
    """
    fitting, rejected = [], []
    for candidate in candidates(view):
        reasons = shortcomings(candidate, min_quality, max_p99_ms, max_memory_bytes)
        if reasons:
            rejected.append(Rejection(candidate, reasons))
        else:
            fitting.append(candidate)
    origin, tasks = scored_on(view)
    shape = headline(view)
    return Choice(tuple(fitting), tuple(rejected), origin, tasks, str(shape) if shape else "")


def candidates(view: pd.DataFrame) -> tuple[Candidate, ...]:
    """All models on all targets at the headline shape: least energy first, then lowest p99, then by name."""
    shape = headline(view)
    if shape is None:
        return ()
    rows = _single_requests(view, shape)
    origin, _ = scored_on(view)
    quality = overall(view, origin)[1] if origin else {}
    by = ("who", "where")
    p99, memory, energy, carbon = (
        estimates(rows, name, by) for name in ("latency_p99", "peak_memory", "energy_per_example", "emissions_per_1k")
    )
    found = [
        Candidate(
            model=str(who),
            target=str(where),
            quality=_value(quality.get(str(who))),
            p99_ms=_value(p99.get((who, where))),
            memory_bytes=_value(memory.get((who, where))),
            kwh_per_million=_scaled(energy.get((who, where)), 1e6 / JOULES_PER_KWH),
            kg_co2eq_per_million=_scaled(carbon.get((who, where)), 1.0),  # g per thousand is kg per million
            energy_basis=energy[who, where].basis if (who, where) in energy else "",
        )
        for who, where in distinct(rows[rows["where"].ne("") & rows["who"].ne("")], by)
    ]
    return tuple(sorted(found, key=_order)[:MOST_CANDIDATES])


def scored_on(view: pd.DataFrame) -> tuple[str, tuple[str, ...]]:
    """The data that quality comes from: real where there is any, else synthetic; and the tasks that are averaged."""
    origin = next(iter(origins(view)), "")
    return (origin, overall(view, origin)[0]) if origin else ("", ())


def shortcomings(
    candidate: Candidate, min_quality: float | None, max_p99_ms: float | None, max_memory_bytes: float | None
) -> tuple[str, ...]:
    """Why `candidate` does not meet the demands; empty when it does."""
    checks = (
        ("quality", candidate.quality, min_quality, "below"),
        ("p99", candidate.p99_ms, max_p99_ms, "above"),
        ("memory", candidate.memory_bytes, max_memory_bytes, "above"),
    )
    return tuple(
        f"{name} not measured" if value is None else f"{name} {side} the bound"
        for name, value, bound, side in checks
        if bound is not None and (value is None or (value < bound if side == "below" else value > bound))
    )


def _single_requests(view: pd.DataFrame, shape: Shape) -> pd.DataFrame:
    rows = at(view, shape)
    return rows[rows["scenario"].isin(("single-stream", ""))]


def _order(candidate: Candidate) -> tuple[float, float, str, str]:
    endless = float("inf")
    energy = endless if candidate.kwh_per_million is None else candidate.kwh_per_million
    p99 = endless if candidate.p99_ms is None else candidate.p99_ms
    return energy, p99, candidate.model, candidate.target


def _value(estimate: Estimate | None) -> float | None:
    return estimate.value if estimate else None


def _scaled(estimate: Estimate | None, factor: float) -> float | None:
    return estimate.value * factor if estimate else None
