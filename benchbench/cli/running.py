"""The verb that measures: `run`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from benchbench.cli.application import CELLS_FAILED, app
from benchbench.cli.printing import print_summary
from benchbench.errors import InputError

_WITHOUT_NETWORK = "quick"
_REAL_RESULTS = (
    "the hub answers: real results by `make bench SUITE=checkpoints` and `make bench SUITE=glue-small` "
    "(benchbench run checkpoints, benchbench run glue-small)"
)


@app.command()
def run(
    suite: Annotated[str, typer.Argument(help="A shipped suite's name, or a YAML file.")],
    out: Annotated[Path | None, typer.Option(help="The run folder; default results/SUITE.")] = None,
    data: Annotated[str | None, typer.Option(help="hub, or local:DIR in the layout of the official GLUE zips.")] = None,
    weights: Annotated[str | None, typer.Option(help="hub, random, or local:DIR that from_pretrained reads.")] = None,
    tasks: Annotated[str | None, typer.Option(help="Only these tasks, with commas between.")] = None,
    models: Annotated[str | None, typer.Option(help="Only these models, with commas between.")] = None,
    targets: Annotated[str | None, typer.Option(help="Only these targets, with commas between.")] = None,
    budget: Annotated[str | None, typer.Option(help="Time for all efficiency measurements, such as 6m.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Measure again; the earlier run is moved aside.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse to start if a target is not available.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Run failed cells again.")] = False,
    keep_models: Annotated[
        bool, typer.Option("--keep-models", help="Keep each fine-tuned model in the run folder, under models/.")
    ] = False,
    time_limit: Annotated[
        str | None,
        typer.Option(help="A cell that takes longer has failed; default 30 times its estimate, at least 1h."),
    ] = None,
    executor: Annotated[
        Literal["local", "ray"], typer.Option(help="ray: cells run on the nodes of a Ray cluster.")
    ] = "local",
    address: Annotated[str | None, typer.Option(help="The Ray cluster's, such as auto or HOST:6379.")] = None,
    no_report: Annotated[
        bool,
        typer.Option("--no-report", help="Write records and tables alone; `benchbench report` makes the page of them."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and stop.")] = False,
) -> None:
    """Run a suite: its cells as notebooks, then the report."""
    from benchbench.cli.terminal import CellBar, plan_table
    from benchbench.execution.bench import Request, bench, not_kept, prepare
    from benchbench.models.hub_probe import HubProbe
    from benchbench.report.writing import write_report, write_without_report
    from benchbench.suites.selection import selection

    console = Console()
    chosen = selection(
        models=_names(models),
        tasks=_names(tasks),
        targets=_names(targets),
        data=data or None,
        weights=weights or None,
        budget=_seconds("--budget", budget),
    )
    limit = _seconds("--time-limit", time_limit)
    request = Request(suite, chosen, out, fresh, strict, retry_failed, limit, executor, address or None, keep_models)
    probe = HubProbe() if suite == _WITHOUT_NETWORK and not dry_run else None
    preparation = prepare(request)
    kept = {cell.id for cell in preparation.kept}
    if dry_run:
        rows = [(cell, cell.id in kept, preparation.expected(cell).seconds) for cell in preparation.in_turn]
        console.print(plan_table(rows))
        return
    for name, reason in preparation.checked.unavailable.items():
        console.print(f"target {name} is not available: {reason}", markup=False)
    if kept:
        console.print(
            f"{len(kept)} of {len(preparation.cells)} cells are finished and kept; --fresh measures them again"
        )
    if probe and probe.answers():
        console.print(_REAL_RESULTS, markup=False, soft_wrap=True)
    to_run = [cell for cell in preparation.in_turn if cell.id not in kept]
    with CellBar(console, to_run, [preparation.expected(cell) for cell in to_run]) as bar:
        finished, failures = bench(preparation, bar.tell, write_without_report if no_report else write_report)
    if no_report:
        console.print(
            f"records: {finished.folder}; benchbench report {finished.folder} writes the report", markup=False
        )
    else:
        print_summary(finished.folder)
    for cell, reason in not_kept(finished) if keep_models else ():
        console.print(f"the model of {cell} was not kept: {reason}", markup=False)
    for record in failures:
        reason = record.failure.reason if record.failure else ""
        details = f"; details in {finished.notebook_path(record.cell)}"
        console.print(f"failed: {record.cell}: {reason}{details}", markup=False, soft_wrap=True)
    if failures:
        raise typer.Exit(CELLS_FAILED)


def _names(text: str | None) -> tuple[str, ...] | None:
    names = tuple(name.strip() for name in (text or "").split(",") if name.strip())
    return names or None


def _seconds(option: str, text: str | None) -> float | None:
    from pydantic import TypeAdapter, ValidationError

    from benchbench.suites.schema import Seconds

    if not text:
        return None
    try:
        return TypeAdapter[float](Seconds).validate_python(text)
    except ValidationError:
        raise InputError(f"{option} {text!r} is not a duration; write it as 6m, 90s or 1h30m") from None
