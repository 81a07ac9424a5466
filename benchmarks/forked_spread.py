"""Do processes forked from one that has the imports time as fresh ones do?

    python benchmarks/forked_spread.py [--parents 6] [--each 4] [--seconds 2.5]

Again and again, in turn: for each of the parents a process that it forks and a fresh one, so that what drifts with the
machine hits all alike. Each times squeezebert and bert-base in torch-cpu at 1 × 128. Printed are the medians over
processes and how far they lie from one another (SD of the logarithm, in %): all, and those of one parent. If the layout
of memory that processes of one parent share decided the time, they would differ less than fresh ones, and parents more
than chance has it; fresh ones in as many groups show what chance has.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import chain
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


def main(parents: int, each: int, seconds: float) -> None:
    target = catalogue.find("torch-cpu")
    jobs = [Job(ModelSource(model), target, _SHAPE) for model in _MODELS]
    prepared = [artefacts.prepare(job, caches.prepared()) for job in jobs]
    entries = tuple(Entry(model, one) for model, one in zip(_MODELS, prepared, strict=True))
    request = RaceRequest(entries, (Share(_SHAPE, _MODELS),), seconds, 0)
    imports = catalogue.imports([target])
    with ExitStack() as running:
        calls = {
            how: [running.enter_context(forking.with_imports(modules)) for _ in range(parents)]
            for how, modules in (("fresh", ()), ("forked", imports))
        }
        turns = [[(how, n) for n in range(parents) for how in calls] for _ in range(each)]
        times: dict[str, list[list[list[float]]]] = {how: [[] for _ in range(parents)] for how in calls}
        for how, n in chain.from_iterable(turns):
            times[how][n].append(_medians(calls[how][n], request))
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
        print(f"  of one parent {100 * within**0.5:5.2f} %, parents differ by chance: p = {chance:.2f}")
    print(f"  the spreads are the same: p = {levene(fresh.ravel(), forked.ravel()).pvalue:.2f} (Brown-Forsythe)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--parents", type=int, default=6)
    parser.add_argument("--each", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=2.5)
    given = parser.parse_args()
    main(given.parents, given.each, given.seconds)
