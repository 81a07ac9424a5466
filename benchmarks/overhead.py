"""What measuring costs: the share of an efficiency cell that is neither the measured work nor its setting-up.

python benchmarks/overhead.py [TARGET] [BUDGET_SECONDS] [MODEL ...]

Work: timed queries, metered seconds, counted FLOPs, peaks. Set-up: what else the fresh processes do, which
is imports, loading, export, warm-up and the untimed first query of a slice. What is left of the cell is overhead:
statistics, starting processes, passing results.
"""

import sys
from collections import Counter
from time import perf_counter
from unittest.mock import patch

import transformers

from benchbench import processes
from benchbench.studies.efficiency import study as efficiency
from benchbench.studies.workers.footprint_worker import FootprintRequest
from benchbench.studies.workers.race_worker import RaceRequest

MODELS = ("squeezebert", "bert-base", "distilbert", "mobilebert")


def main(target: str = "torch-cpu", budget_seconds: float = 60, models: tuple[str, ...] = MODELS) -> None:
    spent: Counter[str] = Counter()
    call = processes.call

    def timed_call(work, request, *arguments, **options):
        start = perf_counter()
        answer = call(work, request, *arguments, **options)
        worked = _seconds_of_work(request, answer)
        spent["work"] += worked
        spent["set-up"] += perf_counter() - start - worked
        return answer

    def worked(study_part, *arguments):
        start = perf_counter()
        shown = study_part(*arguments)
        spent["work"] += perf_counter() - start
        return shown

    transformers.AutoModelForSequenceClassification  # noqa: B018  a name that brings most of the library
    start = perf_counter()
    study = efficiency.load(target=target, models=models, budget_seconds=budget_seconds, batch_sizes=(1, 8))
    with patch.object(processes, "call", timed_call):
        size = worked(efficiency.size, study)
        speed = efficiency.speed(study)
        efficiency.footprint(study)
        worked(efficiency.limit, study, size, speed)
    cell = perf_counter() - start
    overhead = cell - spent["work"] - spent["set-up"]
    for name, seconds in {"cell": cell, **spent, "overhead": overhead}.items():
        print(f"{name:22} {seconds:7.1f} s")
    print(f"overhead is {overhead / cell:.1%} of the cell, {overhead / (cell - spent['set-up']):.1%} without set-up")


def _seconds_of_work(request, answer):
    """Of timed queries and of running under the power meter, in one worker process."""
    if isinstance(request, RaceRequest):
        timed = sum(ms for timing in answer.timings for times in timing.rounds for ms in times) / 1000
        return timed + (request.meter.seconds if request.meter else 0.0)
    return request.energy_seconds if isinstance(request, FootprintRequest) else 0.0


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*given[:1], *map(float, given[1:2]), *([tuple(given[2:])] if given[2:] else []))
