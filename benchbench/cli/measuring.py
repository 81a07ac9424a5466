"""Verbs that answer one question by measuring or counting, without a run."""

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
    sequence_length: Annotated[int, typer.Option(min=1, max=512)] = 128,
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
    print(
        "The three counters agree."
        if report["agree"]
        else f"The counters DISAGREE: {report['missed'] or report['counters']}"
    )
