"""How well `benchbench speedup` repeats: the spread of its ratio over repeats, and how many intervals cover 1.

python benchmarks/repeatability.py REPEATS BASELINE CANDIDATE [PROCESSES] [SECONDS]

With one model as both, every interval should cover 1.
"""

import statistics
import sys

from benchbench.models.source import ModelSource
from benchbench.studies.speedup import speedup
from benchbench.targets.protocol import Shape


def main(repeats: int, baseline: str, candidate: str, processes: int = 5, seconds: float = 20) -> None:
    ratios, covering = [], 0
    for number in range(1, repeats + 1):
        found = speedup(
            (ModelSource(baseline), "torch-cpu"),
            (ModelSource(candidate), "torch-cpu"),
            Shape(1, 128),
            processes=processes,
            seconds=seconds,
        )
        ratios.append(found.ratio)
        covering += found.ci_low <= 1 <= found.ci_high
        print(f"{number:3}: {found.ratio:.3f} ({found.ci_low:.3f} to {found.ci_high:.3f})", flush=True)
    mean = statistics.mean(ratios)
    spread = statistics.stdev(ratios) / mean
    print(f"{candidate} over {baseline}: mean {mean:.3f}, coefficient of variation {spread:.1%}")
    print(f"{covering} of {repeats} intervals cover 1")


if __name__ == "__main__":
    repeats, baseline, candidate, *more = sys.argv[1:]
    main(int(repeats), baseline, candidate, *(int(number) for number in more))
