"""What there is to choose from: systems with their own scores and costs, and models that were only timed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from benchbench.errors import Missing
from benchbench.report.costs.break_even import Cost
from benchbench.report.costs.in_all import NOT_TRAINED, InAll, costs_in_all, mean_costs, with_tokenising
from benchbench.report.view import (
    REAL,
    SYNTHETIC,
    Estimate,
    at,
    distinct,
    estimates,
    headline,
    mean,
    reasons,
    scores,
    system_scores,
)

JOULES_PER_KWH = 3_600_000
TEXTS = "the task's texts"


@dataclass(frozen=True, slots=True)
class Total:
    """What training and so many requests take together; `money` is Missing where no price is given."""

    energy_kwh: float | Missing
    carbon_kg: float | Missing
    money: float | Missing

    @property
    def decisive(self) -> float:
        """What one chooses by: money where a price is given, else energy; endless where that is not known."""
        by = self.energy_kwh if self.money == NO_PRICE else self.money
        return math.inf if isinstance(by, Missing) else by


NO_PRICE = Missing("no price given")


def total(costs: InAll, requests: float, price_per_hour: float | None) -> Total:
    """Of training and `requests`; `price_per_hour`: of the machine."""
    return Total(
        energy_kwh=_of_requests(costs.energy, requests, JOULES_PER_KWH),
        carbon_kg=_of_requests(costs.carbon, requests, 1000),
        money=NO_PRICE if price_per_hour is None else _of_requests(costs.money(price_per_hour), requests, 1),
    )


def _of_requests(cost: Cost | Missing, requests: float, divisor: float) -> float | Missing:
    return cost if isinstance(cost, Missing) else cost.total(requests) / divisor


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model on a target, one request at a time. Costs are of a million requests; None where not measured.

    `quality`: the system's own mean score over the tasks that are asked about, 0 to 1; None where the model was not
    scored on this target. `no_p90`, `no_p99`: why there is none, where that is known. `requests`: what was timed.
    `costs`: with those of its training, the mean over the tasks. `total`: of the requests that are asked about.
    """

    model: str
    target: str
    quality: float | None
    p90_ms: float | None
    p99_ms: float | None
    memory_bytes: float | None
    kwh_per_million: float | None
    kg_co2eq_per_million: float | None
    no_p90: str = ""
    no_p99: str = ""
    energy_basis: str = ""
    requests: str = ""
    costs: InAll = NOT_TRAINED
    total: Total | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """Systems that all have scores on the same `tasks`, of one `origin`. `best_fp32`: the highest score that any model
    has on these tasks in fp32 PyTorch; None where there is none."""

    origin: str = ""
    tasks: tuple[str, ...] = ()
    systems: tuple[Candidate, ...] = ()
    best_fp32: float | None = None


def scored_systems(
    view: pd.DataFrame, deployed: pd.DataFrame, missing: pd.DataFrame, task: str | None = None
) -> Scored:
    """The systems of `deployed` (see `view.systems`): on real data where there are any, else on synthetic.

    A request is from its text on, where that was timed: percentiles of the whole, energy with that of making tokens.
    Scores and energy are means over the tasks, percentiles and memory those of the worst of them: each system's own
    throughout. `view`: where the scores in fp32 PyTorch stand. `missing`: what is `view.unmeasured`. `task`: only this
    one.
    """
    if task is not None:
        view, deployed, missing = (table[table["task"] == task] for table in (view, deployed, missing))
    for origin in (REAL, SYNTHETIC):
        tasks, quality = system_scores(deployed, origin)
        if quality:
            rows = deployed[(deployed["origin"] == origin) & deployed["task"].isin(tasks)]
            costs = _costs(view, rows, missing)
            found = tuple(
                replace(_system(rows, missing, *system, value), costs=costs[system])
                for system, value in quality.items()
            )
            return Scored(origin, tasks, found, _best(view, origin, tasks))
    return Scored()


def _costs(view: pd.DataFrame, rows: pd.DataFrame, missing: pd.DataFrame) -> dict[tuple[str, str], InAll]:
    """By model and target: the mean over the tasks of `rows`."""
    each: dict[tuple[str, str], list[InAll]] = {}
    for system in costs_in_all(view, rows, missing):
        each.setdefault((system.who, system.where), []).append(system.costs)
    return {system: mean_costs(parts) for system, parts in each.items()}


def _best(view: pd.DataFrame, origin: str, tasks: tuple[str, ...]) -> float | None:
    by_model = scores(view, origin).values()
    whole = [mean([of[task] for task in tasks]).value for of in by_model if set(tasks) <= of.keys()]
    return max(whole, default=None)


def _system(rows: pd.DataFrame, missing: pd.DataFrame, who: str, where: str, quality: Estimate) -> Candidate:
    own = rows[(rows["who"] == who) & (rows["where"] == where)]
    model, tokens = _each(own, "energy_per_example"), _each(own, "tokenisation_energy")
    from_text = "text_" if _each(own, "text_latency_p50") else ""
    tails = tuple(f"{from_text}{name}" for name in ("latency_p90", "latency_p99"))
    absent = missing[(missing["who"] == who) & (missing["where"] == where) & missing["task"].isin(set(own["task"]))]
    p90, p99 = (_of(max, _each(own, name)) for name in tails)
    no_p90, no_p99 = (_why(absent, name) for name in tails)
    joules, tokenising = _of(_mean, model), _of(_mean, tokens)
    more = with_tokenising(joules, tokenising) if joules and tokenising else 1.0
    return Candidate(
        model=who,
        target=where,
        quality=quality.value,
        p90_ms=p90,
        p99_ms=p99,
        memory_bytes=_of(max, _each(own, "peak_memory")),
        kwh_per_million=_scaled(joules, more * 1e6 / JOULES_PER_KWH),
        # g per thousand is kg per million
        kg_co2eq_per_million=_scaled(_of(_mean, _each(own, "emissions_per_1k")), more),
        no_p90=no_p90 if p90 is None else "",
        no_p99=no_p99 if p99 is None else "",
        energy_basis=model[0].basis if model else "",
        requests=TEXTS,
    )


def _each(own: pd.DataFrame, quantity: str) -> list[Estimate]:
    """The estimate of each task; none where a task lacks it."""
    found = list(estimates(own, quantity, ("task", "lengths")).values())
    return found if len(found) == own["task"].nunique() else []


def _why(absent: pd.DataFrame, quantity: str) -> str:
    """The reason of the first task that lacks it."""
    return next(iter(reasons(absent, quantity, ("task", "lengths")).values()), "")


def _of(joined: Callable[[list[float]], float], found: list[Estimate]) -> float | None:
    return joined([value.value for value in found]) if found else None


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def only_timed(view: pd.DataFrame, missing: pd.DataFrame, scored: Scored) -> tuple[Candidate, ...]:
    """The models of the labelled `view` on targets where they were timed at the headline shape, but not scored."""
    shape = headline(view)
    if shape is None:
        return ()
    rows = at(view, shape)
    rows = rows[rows["scenario"].isin(("single-stream", ""))]
    by = ("who", "where")
    p90, p99 = (estimates(rows, name, by) for name in ("latency_p90", "latency_p99"))
    memory, energy, carbon = (
        estimates(rows, name, by) for name in ("peak_memory", "energy_per_example", "emissions_per_1k")
    )
    no_p90, no_p99 = (reasons(at(missing, shape), name, by) for name in ("latency_p90", "latency_p99"))
    there = {(system.model, system.target) for system in scored.systems}
    return tuple(
        Candidate(
            model=str(who),
            target=str(where),
            quality=None,
            p90_ms=_value(p90.get((who, where))),
            p99_ms=_value(p99.get((who, where))),
            memory_bytes=_value(memory.get((who, where))),
            kwh_per_million=_scaled(_value(energy.get((who, where))), 1e6 / JOULES_PER_KWH),
            kg_co2eq_per_million=_value(carbon.get((who, where))),
            no_p90="" if (who, where) in p90 else no_p90.get((who, where), ""),
            no_p99="" if (who, where) in p99 else no_p99.get((who, where), ""),
            energy_basis=energy[who, where].basis if (who, where) in energy else "",
            requests=str(shape),
        )
        for who, where in distinct(rows[rows["where"].ne("") & rows["who"].ne("")], by)
        if (who, where) not in there
    )


def _value(estimate: Estimate | None) -> float | None:
    return estimate.value if estimate else None


def _scaled(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
