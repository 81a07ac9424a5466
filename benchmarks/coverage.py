"""Draw docs/coverage.png: how often 95 % intervals hold the true ratio on machines that drift, for two designs.

And print how often the bounds of percentiles hold there.

python benchmarks/coverage.py
"""

from pathlib import Path

import altair as alt
import vl_convert
from numpy.random import Generator
from simulated_machines import (
    CONTESTANTS,
    DRIFTS,
    SHAPE,
    Drift,
    allocated,
    allocated_coverage,
    coverage,
    in_turn,
    one_after_the_other,
    tail_coverage,
)

from benchbench.records import Interval
from benchbench.report.figures.style import PALETTE, config

TRIALS = 1000
HALF_WIDTH = 0.025  # about what half of the processes reach: where to end early would harm most


def until_decided(drift: Drift, generator: Generator) -> Interval:
    return allocated(drift, generator, HALF_WIDTH).ratio(*CONTESTANTS, SHAPE)


DESIGNS = {
    "in turn, five processes": in_turn,
    "in turn, until it is decided": until_decided,
    "one after the other": one_after_the_other,
}
OUT = Path(__file__).parents[1] / "docs" / "coverage.png"


def main() -> None:
    rows = [
        {"drift": drift, "design": name, "coverage": coverage(design, machine, TRIALS)}
        for drift, machine in DRIFTS.items()
        for name, design in DESIGNS.items()
    ]
    for row in rows:
        print(f"{row['drift']:16} {row['design']:28} {row['coverage']:.3f}")
    draw(rows)
    tell()


def tell() -> None:
    """What the figure leaves out: percentiles, races that end early, few processes against many."""
    for drift, machine in DRIFTS.items():
        for q in (90, 99):
            tail = tail_coverage(machine, q, TRIALS)
            bounds = f"upper bound {tail.upper:.3f}, lower {tail.lower:.3f}, given in {tail.given:.2f}"
            print(f"{drift:16} p{q}: {bounds}")
        for half_width in (0.015, HALF_WIDTH, 0.05):
            print(f"{drift:16} decided within {half_width:.1%}: {allocated_coverage(machine, half_width, TRIALS // 2)}")
        for processes in (3, 8):
            fixed = allocated_coverage(machine, 1e-6, TRIALS // 5, processes=processes)
            print(f"{drift:16} {processes} processes for the same seconds: half-width {fixed.half_width:.2%}")


def draw(rows: list[dict[str, object]]) -> None:
    colour = alt.Color("design:N", sort=list(DESIGNS), scale=alt.Scale(domain=list(DESIGNS), range=PALETTE[:3]))
    shape = alt.Shape(
        "design:N", sort=list(DESIGNS), scale=alt.Scale(domain=list(DESIGNS), range=["circle", "diamond", "square"])
    )
    x = alt.X("coverage:Q", title="Share of intervals that hold the true ratio", axis=alt.Axis(format="%"))
    points = (
        alt.Chart(alt.Data(values=rows))
        .mark_point(filled=True, size=140, opacity=1)
        .encode(x=x.scale(domain=[0, 1]), y=alt.Y("drift:N", title=None, sort=list(DRIFTS)), color=colour, shape=shape)
    )
    line = alt.Chart(alt.Data(values=[{"wanted": 0.95}])).mark_rule(strokeDash=[4, 4]).encode(x="wanted:Q")
    title = "95 % intervals of a ratio on simulated machines that drift (dashed: 95 %)"
    chart = (line + points).properties(width=560, height=180, title=title)
    spec = {**chart.to_dict(), "config": {**config(), "background": "white"}, "padding": 10}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_bytes(vl_convert.vegalite_to_png(spec, scale=1.5, vl_version="6.4"))


if __name__ == "__main__":
    main()
