"""What measuring costs: the share of an efficiency cell that is neither the measured work nor its setting-up.

python benchmarks/overhead.py [TARGET] [BUDGET_SECONDS] [MODEL ...]

Set-up is all that a fresh process does before its first timed query: imports, loading, export, warm-up. What is left of
the cell is overhead: statistics, counting, starting processes, passing results, and the gaps between timed queries.
"""

import sys
from collections import Counter
from time import perf_counter
from unittest.mock import patch

from benchbench.studies import child, efficiency
from benchbench.studies.race import race

MODELS = ("squeezebert", "bert-base", "distilbert", "mobilebert")


def main(target: str = "torch-cpu", budget_seconds: float = 60, models: tuple[str, ...] = MODELS) -> None:
    spent: Counter[str] = Counter()
    call = child.call

    def timed_call(module, request, *arguments, **options):
        start = perf_counter()
        answer = call(module, request, *arguments, **options)
        work = request.get("seconds", 0) + request.get("energy_seconds", 0) if isinstance(request, dict) else 0
        spent["work"] += work
        spent["set-up"] += perf_counter() - start - work
        return answer

    def timed_race(*arguments, **options):
        result = race(*arguments, **options)
        queries = sum(ms for processes in result.times.values() for p in processes for r in p for ms in r) / 1000
        spent["gaps between queries"] += options["seconds"] - queries
        return result

    start = perf_counter()
    study = efficiency.load(target=target, models=models, budget_seconds=budget_seconds, batch_sizes=(1, 8))
    with patch.object(child, "call", timed_call), patch.object(efficiency, "race", timed_race):
        size = efficiency.size(study)
        speed = efficiency.speed(study)
        footprint = efficiency.footprint(study)
        at_the_limit = perf_counter()
        limit = efficiency.limit(study, size, speed)
        spent["work"] += perf_counter() - at_the_limit
        efficiency.findings(size, speed, footprint, limit)
    cell = perf_counter() - start
    overhead = cell - spent["work"] - spent["set-up"] + spent["gaps between queries"]
    for name, seconds in {"cell": cell, **spent, "overhead": overhead}.items():
        print(f"{name:22} {seconds:7.1f} s")
    print(f"overhead is {overhead / cell:.1%} of the cell, {overhead / (cell - spent['set-up']):.1%} without set-up")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*given[:1], *map(float, given[1:2]), *([tuple(given[2:])] if given[2:] else []))
