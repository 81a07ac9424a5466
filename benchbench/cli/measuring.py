"""Verbs that answer one question by counting or measuring, without a run."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from benchbench.cli.application import AsJson, app
from benchbench.cli.printing import print_rows


@app.command()
def flops(
    model: Annotated[str, typer.Argument(help="A model of the zoo, a hub id or a folder.")],
    batch_size: Annotated[int, typer.Option(min=1)] = 1,
    sequence_length: Annotated[int, typer.Option(min=1, help="Tokens of each text, up to the model's own most.")] = 128,
    as_json: AsJson = False,
) -> None:
    """Count a model's FLOPs three ways, which must agree."""
    from benchbench.studies.flop_report import flop_report

    report = flop_report(model, batch_size, sequence_length)
    if as_json:
        print(json.dumps(report, indent=1))
        return
    counters = {f"counted by {name}": value for name, value in report["counters"].items()}
    layers = {f"of it {name}": value for name, value in report["by_layer_type"].items()}
    headline = {name: report[name] for name in ("parameters", "macs", "flops", "other_flops")}
    rows = [
        (name, f"{value:,}" if value is not None else "missed")
        for name, value in {**headline, **layers, **counters}.items()
    ]
    print_rows(f"{model}, {batch_size} × {sequence_length}", ("what", "number"), rows, as_json=False)
    verdict = report["verdict"]
    print(f"{verdict[0].upper()}{verdict[1:]}." if report["agree"] else f"No count stands: {verdict}")


@app.command()
def speedup(
    baseline: Annotated[str, typer.Argument(help="A model of the zoo, a hub id or a folder.")],
    candidate: Annotated[str, typer.Argument(help="The model that may be faster.")],
    target: Annotated[str, typer.Option(help="Where both run.")] = "torch-cpu",
    candidate_target: Annotated[str | None, typer.Option(help="Where the candidate runs, if elsewhere.")] = None,
    batch_size: Annotated[int, typer.Option(min=1)] = 1,
    sequence_length: Annotated[int, typer.Option(min=1, help="Tokens of each text, up to the model's own most.")] = 128,
    weights: Annotated[str, typer.Option(help="random, hub or local:DIR; speed does not depend on it.")] = "random",
    processes: Annotated[int, typer.Option(min=2, max=50, help="Fresh processes at most; four run in any case.")] = 8,
    seconds: Annotated[float, typer.Option(min=1, help="Measuring at most; loading and warm-up come on top.")] = 20,
    half_width: Annotated[
        float, typer.Option(min=0.001, max=1, help="It ends where the interval is within ± this.")
    ] = 0.05,
    as_json: AsJson = False,
) -> None:
    """Measure how many times faster CANDIDATE is than BASELINE, with a 95 % interval."""
    from benchbench import places
    from benchbench.models import zoo
    from benchbench.models.source import ModelSource
    from benchbench.studies.speedup import speedup as measure
    from benchbench.targets.protocol import Shape

    starts = places.weights(weights)
    found = measure(
        (ModelSource(zoo.place(baseline), starts), target),
        (ModelSource(zoo.place(candidate), starts), candidate_target or target),
        Shape(batch_size, sequence_length),
        processes=processes,
        seconds=seconds,
        half_width=half_width,
    )
    if as_json:
        print(json.dumps(found.to_json(), indent=1))
        return
    where = target if found.candidate_target == target else f"{found.candidate_target} against {target}"
    print(f"{found.candidate} is {found.ratio:.2f} times as fast as {found.baseline}")
    if found.ci_low is None or found.ci_high is None:
        print("no 95 % interval: too few rounds; give more --seconds")
    else:
        print(f"95 % interval {found.ci_low:.2f} to {found.ci_high:.2f}")
    print(
        f"{where}, {batch_size} × {sequence_length} tokens, {found.rounds} paired rounds in {found.processes} processes"
    )
    if found.note:
        print(f"unstable: {found.note}; repeat it when nothing else runs")
