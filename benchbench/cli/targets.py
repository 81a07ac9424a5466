"""The verb `targets`: list them, check one, start a new one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchbench.cli.application import BAD_INPUT, AsJson, app
from benchbench.cli.printing import print_rows

if TYPE_CHECKING:
    from benchbench.targets.conformance import ConformanceReport

targets = typer.Typer(help="List the hardware targets, check one, or start a new one.")
app.add_typer(targets, name="targets")


@targets.callback(invoke_without_command=True)
def list_targets(context: typer.Context, as_json: AsJson = False) -> None:
    """List the hardware targets, and why those that cannot run here cannot."""
    if context.invoked_subcommand is not None:
        return
    from benchbench.targets.catalogue import availability, catalogue

    reasons = {target.name: availability(target) for target in catalogue().values()}
    rows = [
        (t.name, t.runtime, t.device, t.precision, "yes" if reasons[t.name] is None else f"no: {reasons[t.name]}")
        for t in catalogue().values()
    ]
    print_rows("Targets", ("target", "runtime", "device", "precision", "available"), rows, as_json)


@targets.command()
def check(
    name: Annotated[str, typer.Argument(help="A target's name, or its YAML or Python file.")],
    model: Annotated[str | None, typer.Option(help="Compare on this model; default: a small one, trained.")] = None,
    weights: Annotated[str, typer.Option(help="Of --model: random, hub or local:DIR.")] = "random",
    as_json: AsJson = False,
) -> None:
    """Run the conformance kit on a target: does it compute what it should?"""
    from benchbench import places
    from benchbench.models import zoo
    from benchbench.models.source import ModelSource
    from benchbench.targets import conformance
    from benchbench.targets.catalogue import find

    report = conformance.check(find(name), ModelSource(zoo.place(model), places.weights(weights)) if model else None)
    if as_json:
        print(json.dumps(report.to_json(), indent=1))
    else:
        _print(report)
    if not report.passed:
        raise typer.Exit(BAD_INPUT)


@targets.command()
def new(
    name: Annotated[str, typer.Argument(help="What to call it: small letters, digits and hyphens.")],
    folder: Annotated[Path, typer.Option(help="Where the package's folder is made.")] = Path(),
) -> None:
    """Write a package with a runtime and a target of your own, commented, with its test."""
    from benchbench.targets.skeleton import write

    made = write(name, folder)
    print(f"wrote {made}: pip install -e {made}, then: benchbench targets check {name}")


def _print(report: ConformanceReport) -> None:
    if report.unavailable is not None:
        print(f"{report.target} is not available: {report.unavailable}")
        return
    rows = [
        (
            check.name,
            "passed" if check.passed else "FAILED",
            "" if outcome.value is None else f"{outcome.value:.3g}",
            "" if outcome.limit is None else f"{outcome.limit:.3g}",
            outcome.detail,
        )
        for check, outcome in ((check, check.outcome) for check in report.checks)
    ]
    print_rows(f"{report.target}, on {report.model}", ("check", "result", "value", "limit", "detail"), rows, False)
