"""Two models on one task: one is cheaper to train, and the other may be cheaper to run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from benchbench.errors import Missing
from benchbench.report.costs.break_even import CROSSING, Cost, Outcome, break_even
from benchbench.report.costs.in_all import InAll, System
from benchbench.report.view import Estimate


@dataclass(frozen=True, slots=True)
class Pair:
    """When `dear`, whose training takes more energy (or time, where no energy is known), costs less in all than
    `cheap`: in energy, carbon and time. Money goes with time at any price."""

    cheap: System
    dear: System
    energy: Outcome | Missing
    carbon: Outcome | Missing
    time: Outcome | Missing

    @property
    def crosses(self) -> bool:
        """Whether which of the two is cheaper depends on how many requests there are."""
        return any(isinstance(outcome, CROSSING) for outcome in (self.energy, self.carbon, self.time))


def pairs(systems: Sequence[System]) -> tuple[Pair, ...]:
    """Each two models of a task: on every target that both were deployed to, and each on its `frugal` one.

    Only where the score of the dearer is no lower, or each one's lies within the other's interval.
    """
    found = []
    for of_task in tasks(systems):
        frugal = {system.who: system for system in frugal_systems(of_task)}
        for one, other in combinations(of_task, 2):
            both_frugal = one == frugal[one.who] and other == frugal[other.who]
            if one.who != other.who and (one.where == other.where or both_frugal) and (made := _pair(one, other)):
                found.append(made)
    return tuple(found)


def tasks(systems: Sequence[System]) -> Iterator[list[System]]:
    """The systems of each task, on real and on synthetic data apart."""
    for origin, task in dict.fromkeys((system.origin, system.task) for system in systems):
        yield [system for system in systems if (system.origin, system.task) == (origin, task)]


def frugal_systems(of_task: Sequence[System]) -> tuple[System, ...]:
    """Of each model the system whose requests take least energy, among those that score no worse than its best."""
    found = []
    for who in dict.fromkeys(system.who for system in of_task):
        own = [system for system in of_task if system.who == who]
        best = max(own, key=lambda system: system.score.value)
        found.append(min((s for s in own if not_worse(s.score, best.score)), key=_energy_of_a_request))
    return tuple(found)


def _energy_of_a_request(system: System) -> float:
    return system.costs.energy.each.value if isinstance(system.costs.energy, Cost) else float("inf")


def not_worse(one: Estimate, other: Estimate) -> bool:
    """Whether `one` is at least `other`, or each lies within the other's interval."""
    return one.value >= other.value or (_within(one.value, other) and _within(other.value, one))


def _within(value: float, other: Estimate) -> bool:
    return other.low is not None and other.high is not None and other.low <= value <= other.high


def _pair(one: System, other: System) -> Pair | None:
    cheap, dear = (one, other) if _cheaper_to_train(one.costs, other.costs) else (other, one)
    if not not_worse(dear.score, cheap.score):
        return None
    a, b = dear.costs, cheap.costs
    return Pair(cheap, dear, _outcome(a.energy, b.energy), _outcome(a.carbon, b.carbon), _outcome(a.time, b.time))


def _cheaper_to_train(one: InAll, other: InAll) -> bool:
    for cost, against in ((one.energy, other.energy), (one.time, other.time)):
        if isinstance(cost, Cost) and isinstance(against, Cost):
            return cost.fixed <= against.fixed
    return True


def _outcome(candidate: Cost | Missing, other: Cost | Missing) -> Outcome | Missing:
    if isinstance(candidate, Missing):
        return candidate
    return other if isinstance(other, Missing) else break_even(candidate, other)
