"""One question, one answer: how many times faster is this model than that one?"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from benchbench import caches
from benchbench.errors import Unavailable
from benchbench.meters import statistics
from benchbench.models import loading as models
from benchbench.models.source import ModelSource
from benchbench.places import told_apart
from benchbench.studies.workers.allocation import Allocation, Comparison
from benchbench.studies.workers.race import Entrant, race
from benchbench.targets import catalogue
from benchbench.targets.protocol import Shape, Target


@dataclass(frozen=True, slots=True)
class Speedup:
    """`ratio`: the baseline's time divided by the candidate's, above 1 where the candidate is faster.

    `ci_low` and `ci_high`: its 95 % interval; None where the time was too short for one. `rounds`: paired rounds, over
    all `processes`. `note`: what disturbed them.
    """

    baseline: str
    candidate: str
    target: str
    candidate_target: str
    batch_size: int
    sequence_length: int
    ratio: float
    ci_low: float | None
    ci_high: float | None
    processes: int
    rounds: int
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def speedup(
    baseline: tuple[ModelSource, str],
    candidate: tuple[ModelSource, str],
    shape: Shape,
    *,
    processes: int,
    seconds: float,
    half_width: float,
) -> Speedup:
    """Time both models, each on the target named beside it, in turn for `seconds` in at most as many fresh `processes`.

    It ends before where the interval is within ± `half_width` of the ratio.

    Raises `InputError` for a name that is not known or a cache that cannot be written, `Unavailable` when a target
    cannot run here or a model cannot run on it.
    """
    names = told_apart((baseline[0].model, candidate[0].model))
    caches.check()
    entrants = [
        Entrant(role, replace(source, model=names.get(source.model, source.model)), _target(name))
        for role, (source, name) in (("baseline", baseline), ("candidate", candidate))
    ]
    for entrant in entrants:
        models.check(entrant.source)
    result = race(
        entrants,
        [shape],
        allocation=Allocation(processes, seconds, half_width),
        cache=caches.prepared(),
        compared=[Comparison(shape, ("baseline", "candidate"))],
    )
    for entrant in entrants:
        if missing := result.failures.get((entrant.name, shape)):
            raise Unavailable(f"{entrant.source.name} does not run on {entrant.target.name}: {missing.reason}")
    found, both = result.ratio("baseline", "candidate", shape), (shape, "baseline", "candidate")
    return Speedup(
        baseline=entrants[0].source.name,
        candidate=entrants[1].source.name,
        target=entrants[0].target.name,
        candidate_target=entrants[1].target.name,
        batch_size=shape.batch_size,
        sequence_length=shape.sequence_length,
        ratio=found.value,
        ci_low=found.low if statistics.known(found) else None,
        ci_high=found.high if statistics.known(found) else None,
        processes=len(result.standing(*both)),
        rounds=result.rounds(*both),
        note=result.disturbed(*both),
    )


def _target(name: str) -> Target:
    target = catalogue.find(name)
    reason = catalogue.availability(target)
    if reason is not None:
        raise Unavailable(f"target {name} is not available: {reason}")
    return target
