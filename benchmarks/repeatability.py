"""How well `benchbench speedup` repeats: the spread of its ratio over repeats, and how many intervals hold 1.

python benchmarks/repeatability.py REPEATS BASELINE CANDIDATE [--target NAME ...] [--processes 8] [--seconds 20]

With one model as both, every interval should hold 1: python benchmarks/repeatability.py 30 squeezebert squeezebert
"""

import argparse
import statistics

from benchbench.models.source import ModelSource
from benchbench.studies.speedup import speedup
from benchbench.targets.protocol import Shape


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repeats", type=int)
    parser.add_argument("baseline")
    parser.add_argument("candidate")
    parser.add_argument("--target", action="append", help="several times for several targets")
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--half-width", type=float, default=0.05)
    asked = parser.parse_args()
    for target in asked.target or ["torch-cpu"]:
        repeat(target, asked)


def repeat(target: str, asked: argparse.Namespace) -> None:
    found = []
    for number in range(1, asked.repeats + 1):
        one = speedup(
            (ModelSource(asked.baseline), target),
            (ModelSource(asked.candidate), target),
            Shape(1, 128),
            processes=asked.processes,
            seconds=asked.seconds,
            half_width=asked.half_width,
        )
        found.append(one)
        told = "no interval" if one.ci_low is None else f"{one.ci_low:.3f} to {one.ci_high:.3f}"
        print(f"{number:3}: {one.ratio:.3f} ({told}), {one.processes} processes {one.note}", flush=True)
    ratios = [one.ratio for one in found]
    mean = statistics.mean(ratios)
    spread = f"{statistics.stdev(ratios) / mean:.1%}" if len(ratios) > 1 else "unknown"
    widths = [(one.ci_high - one.ci_low) / 2 / one.ratio for one in found if one.ci_low is not None]
    holding = sum(one.ci_low <= 1 <= one.ci_high for one in found if one.ci_low is not None)
    print(f"{target}: {asked.candidate} over {asked.baseline}: mean {mean:.3f}, coefficient of variation {spread}")
    print(f"half-width of the interval: median {statistics.median(widths):.1%}" if widths else "no intervals")
    print(f"{holding} of {asked.repeats} intervals hold 1")


if __name__ == "__main__":
    main()
