"""What each system costs in all, in energy, carbon and time: its training, and each request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from benchbench.errors import Missing
from benchbench.report.costs.break_even import Cost
from benchbench.report.view import ORIGIN_TITLES, Estimate, Key, estimates, mean, reasons, system_scores

FROM_TEXT = "from text to label"
FROM_TOKENS = "from tokens to label"
SECONDS_PER_HOUR = 3600

_SYSTEM = ("who", "task", "where", "origin", "machine")
_TRAINING = ("who", "task", "origin", "machine")


@dataclass(frozen=True, slots=True)
class InAll:
    """Energy in J, carbon in gCO2eq, time in s. `timed`: whether a request is `FROM_TEXT` or `FROM_TOKENS`."""

    energy: Cost | Missing
    carbon: Cost | Missing
    time: Cost | Missing
    timed: str = ""

    def money(self, price_per_hour: float) -> Cost | Missing:
        """The machine's time at a price, in the currency of that price."""
        return self.time if isinstance(self.time, Missing) else scaled(self.time, price_per_hour / SECONDS_PER_HOUR)


_UNTRAINED = Missing("training not measured")
NOT_TRAINED = InAll(_UNTRAINED, _UNTRAINED, _UNTRAINED)
"""Of what was only timed, and of a checkpoint that was scored as it is."""


@dataclass(frozen=True, slots=True)
class System:
    """A fine-tuned model (`who`) on a target (`where`): its score on `task` there, and what it costs."""

    who: str
    where: str
    task: str
    origin: str
    score: Estimate
    costs: InAll


def costs_in_all(view: pd.DataFrame, deployed: pd.DataFrame, missing: pd.DataFrame) -> tuple[System, ...]:
    """All systems of `deployed` (see `view.systems`) that have a score. `view`: where the costs of training stand.
    `missing`: what is `view.unmeasured`, for the reasons.

    Of several trainings each cost is the mean over seeds. Time before the first request is training and, where that was
    measured, preparing the model for its target; energy and carbon are of the training alone.
    """
    each, once = _Requests.of(deployed), _Trainings.of(view, deployed, missing)
    found = []
    for origin in ORIGIN_TITLES:
        of_origin = deployed[deployed["origin"] == origin]
        for task, rows in of_origin.groupby("task", sort=False):
            machines = dict(zip(rows["where"], rows["machine"], strict=True))
            for (who, where), score in system_scores(rows, origin)[1].items():
                key = (who, task, where, origin, machines[where])
                found.append(System(who, where, str(task), origin, score, _costs(key, each, once)))
    return tuple(found)


def mean_costs(parts: Sequence[InAll]) -> InAll:
    """Of one system over several tasks."""
    return InAll(
        _mean([part.energy for part in parts]),
        _mean([part.carbon for part in parts]),
        _mean([part.time for part in parts]),
        ", ".join(dict.fromkeys(part.timed for part in parts if part.timed)),
    )


def _mean(parts: Sequence[Cost | Missing]) -> Cost | Missing:
    known = [part for part in parts if isinstance(part, Cost)]
    if len(known) < len(parts):
        return next(part for part in parts if isinstance(part, Missing))
    return Cost(sum(part.fixed for part in known) / len(known), mean([part.each for part in known]))


def scaled(cost: Cost, factor: float) -> Cost:
    """In another unit."""
    return Cost(cost.fixed * factor, _scaled(cost.each, factor))


def _scaled(value: Estimate, factor: float) -> Estimate:
    low, high = (None if end is None else end * factor for end in (value.low, value.high))
    return replace(value, value=value.value * factor, low=low, high=high)


@dataclass(frozen=True, slots=True)
class _Requests:
    """By system, what one request takes: J, gCO2eq, and ms from text or from tokens."""

    energy_j: Mapping[Key, Estimate]
    tokenising_j: Mapping[Key, Estimate]
    carbon_g: Mapping[Key, Estimate]
    from_text_ms: Mapping[Key, Estimate]
    from_tokens_ms: Mapping[Key, Estimate]

    @classmethod
    def of(cls, deployed: pd.DataFrame) -> _Requests:
        per_1k = _of_a_text(deployed, "emissions_per_1k")
        return cls(
            energy_j=_of_a_text(deployed, "energy_per_example"),
            tokenising_j=_of_a_text(deployed, "tokenisation_energy"),
            carbon_g={key: _scaled(value, 1e-3) for key, value in per_1k.items()},
            from_text_ms=_of_a_text(deployed, "text_latency_p50", of_query=True),
            from_tokens_ms=_of_a_text(deployed, "latency_p50", of_query=True),
        )


def _of_a_text(deployed: pd.DataFrame, quantity: str, *, of_query: bool = False) -> dict[Key, Estimate]:
    """By system, of the smallest batch that was measured. `of_query`: the value is of a whole batch."""
    found: dict[Key, tuple[int, Estimate]] = {}
    for key, value in estimates(deployed, quantity, (*_SYSTEM, "lengths", "batch_size")).items():
        system, batch = key[: len(_SYSTEM)], int(str(key[-1] or 1))
        if system not in found or batch < found[system][0]:
            found[system] = batch, _scaled(value, 1 / batch if of_query else 1.0)
    return {system: value for system, (_, value) in found.items()}


@dataclass(frozen=True, slots=True)
class _Trainings:
    """By model, task, origin and machine, what a training takes; by system, the seconds to prepare its model."""

    energy_j: Mapping[Key, Estimate]
    carbon_g: Mapping[Key, Estimate]
    seconds: Mapping[Key, Estimate]
    preparing_s: Mapping[Key, Estimate]
    no_energy: Mapping[Key, str]

    @classmethod
    def of(cls, view: pd.DataFrame, deployed: pd.DataFrame, missing: pd.DataFrame) -> _Trainings:
        names = ("train_energy", "train_emissions", "train_time")
        energy, carbon, seconds = (estimates(view, name, _TRAINING) for name in names)
        preparing = estimates(deployed, "prepare_time", _SYSTEM)
        return cls(energy, carbon, seconds, preparing, reasons(missing, "train_energy", _TRAINING))


def _costs(system: Key, each: _Requests, once: _Trainings) -> InAll:
    who, task, _, origin, machine = system
    training = (who, task, origin, machine)
    energy, carbon = each.energy_j.get(system), each.carbon_g.get(system)
    if energy and (tokenising := each.tokenising_j.get(system)):
        more = with_tokenising(energy.value, tokenising.value)
        energy = _scaled(energy, more)
        carbon = carbon and _scaled(carbon, more)
    in_ms, timed = each.from_text_ms.get(system), FROM_TEXT
    if in_ms is None:
        in_ms, timed = each.from_tokens_ms.get(system), FROM_TOKENS
    seconds, preparing = once.seconds.get(training), once.preparing_s.get(system)
    before = None if seconds is None else seconds.value + (preparing.value if preparing else 0.0)
    unmetered = Missing(once.no_energy[training]) if training in once.no_energy else _UNTRAINED
    return InAll(
        energy=_cost(_value(once.energy_j.get(training)), energy, "energy of a request", unmetered),
        carbon=_cost(_value(once.carbon_g.get(training)), carbon, "carbon of a request", unmetered),
        time=_cost(before, in_ms and _scaled(in_ms, 1e-3), "latency"),
        timed=timed if in_ms else "",
    )


def with_tokenising(energy_j: float, tokenising_j: float) -> float:
    """How many times the energy, or the carbon, of a model alone its request takes from the text on."""
    return (energy_j + tokenising_j) / energy_j


def _value(found: Estimate | None) -> float | None:
    return found.value if found else None


def _cost(fixed: float | None, each: Estimate | None, name: str, untrained: Missing = _UNTRAINED) -> Cost | Missing:
    if fixed is None:
        return untrained
    return Missing(f"{name} not measured") if each is None else Cost(fixed, each)
