"""Draw docs/coverage.png: how often 95 % intervals hold the true ratio on machines that drift, for two designs.

And print how often the bounds of percentiles hold there.

python benchmarks/coverage.py
"""

from pathlib import Path

import altair as alt
import vl_convert
from simulated_machines import DRIFTS, coverage, in_turn, one_after_the_other, tail_coverage

from benchbench.report.figures.style import PALETTE, config

TRIALS = 2000
DESIGNS = {"in turn, several processes": in_turn, "one after the other": one_after_the_other}
OUT = Path(__file__).parents[1] / "docs" / "coverage.png"


def main() -> None:
    rows = [
        {"drift": drift, "design": name, "coverage": coverage(design, machine, TRIALS)}
        for drift, machine in DRIFTS.items()
        for name, design in DESIGNS.items()
    ]
    for row in rows:
        print(f"{row['drift']:16} {row['design']:28} {row['coverage']:.3f}")
    for drift, machine in DRIFTS.items():
        for q in (50, 90, 99):
            tail = tail_coverage(machine, q, TRIALS)
            bounds = f"upper bound {tail.upper:.3f}, lower {tail.lower:.3f}, given in {tail.given:.2f}"
            print(f"{drift:16} p{q}: {bounds}")
    colour = alt.Color("design:N", sort=list(DESIGNS), scale=alt.Scale(domain=list(DESIGNS), range=PALETTE[:2]))
    shape = alt.Shape("design:N", sort=list(DESIGNS), scale=alt.Scale(domain=list(DESIGNS), range=["circle", "square"]))
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
