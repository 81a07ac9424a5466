"""Do processes forked from one that has the imports time as fresh ones do?

    python benchmarks/forked_spread.py [GROUPS] [EACH] [SECONDS]

GROUPS times, in turn: EACH fresh processes and EACH that one new parent forks; each times squeezebert and bert-base in
torch-cpu at 1 × 128 for SECONDS. Printed are the medians over processes, how far processes lie from one another (SD of
the logarithm, in %), and for the forked ones how much of that lies between parents: if the layout of memory that they
share decided the time, forked processes would differ less than fresh ones, and parents more than chance has it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from statistics import median

import numpy
from scipy.stats import f, levene

from benchbench import caches, forking
from benchbench.models.source import ModelSource
from benchbench.studies.workers.allocation import Share
from benchbench.studies.workers.race_worker import Entry, RaceRequest, run_race
from benchbench.targets import artefacts, catalogue
from benchbench.targets.protocol import Job, Shape

_MODELS = ("squeezebert", "bert-base")
_SHAPE = Shape(1, 128)


def main(groups: int, each: int, seconds: float) -> None:
    target = catalogue.find("torch-cpu")
    jobs = [Job(ModelSource(model), target, _SHAPE) for model in _MODELS]
    prepared = [artefacts.prepare(job, caches.prepared()) for job in jobs]
    entries = tuple(Entry(model, one) for model, one in zip(_MODELS, prepared, strict=True))
    request = RaceRequest(entries, (Share(_SHAPE, _MODELS),), seconds, 0)
    imports = catalogue.imports([target])
    times: dict[str, list[list[list[float]]]] = {"fresh": [], "forked": []}
    for _ in range(groups):
        for how, modules in (("fresh", ()), ("forked", imports)):
            with forking.with_imports(modules) as call:
                times[how].append([_medians(call, request) for _ in range(each)])
    for name, column in {model: n for n, model in enumerate(_MODELS)}.items():
        _tell(name, [[[p[column] for p in group] for group in times[how]] for how in times])
    _tell("bert-base over squeezebert", [[[p[1] / p[0] for p in group] for group in times[how]] for how in times])


def _medians(call: forking.Calls, request: RaceRequest) -> list[float]:
    rounds = call(run_race, request).timings[0].rounds.times
    return [median(time for each in rounds[model] for time in each) for model in _MODELS]


def _tell(what: str, both: Sequence[Sequence[Sequence[float]]]) -> None:
    fresh, forked = (numpy.log(numpy.array(groups)) for groups in both)
    print(what)
    for how, logs in (("fresh", fresh), ("forked", forked)):
        print(f"  {how:7} median {numpy.exp(numpy.median(logs)):8.3f}  SD {100 * logs.std(ddof=1):5.2f} %", end="")
        groups, each = logs.shape
        between, within = each * logs.mean(1).var(ddof=1), logs.var(axis=1, ddof=1).mean()
        chance = f.sf(between / within, groups - 1, groups * (each - 1))
        print(f"  within groups {100 * within**0.5:5.2f} %, groups differ by chance: p = {chance:.2f}")
    print(f"  the spreads are the same: p = {levene(fresh.ravel(), forked.ravel()).pvalue:.2f} (Brown-Forsythe)")


if __name__ == "__main__":
    given = [float(number) for number in sys.argv[1:]]
    main(*(int(number) for number in (given + [6, 4][len(given) :])[:2]), (given + [0, 0, 2.5][len(given) :])[2])
