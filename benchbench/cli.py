"""The verbs of `benchbench`. Each reads its arguments, calls one function and prints; the logic is elsewhere.

Exit codes: 0 fine, 1 a comparison found a regression, 2 bad input, 3 some cells failed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchbench.errors import InputError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

BAD_INPUT = 2
CELLS_FAILED = 3
INTERRUPTED = 130

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


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
    fresh: Annotated[bool, typer.Option("--fresh", help="Measure anew; the earlier run is kept beside.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse to start if a target is not available.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Run failed cells again.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and stop.")] = False,
) -> None:
    """Run a suite: its cells as notebooks, then the report."""
    from benchbench.console import CellBar, plan_table
    from benchbench.execution.bench import Request, bench, prepare
    from benchbench.suite import Selection

    console = Console()
    selection = Selection(
        models=_names(models),
        tasks=_names(tasks),
        targets=_names(targets),
        data=data or None,
        weights=weights or None,
        budget=_seconds(budget),
    )
    preparation = prepare(Request(suite, selection, out, fresh, strict, retry_failed))
    kept = {cell.id for cell in preparation.kept}
    if dry_run:
        rows = [(cell, cell.id in kept, preparation.seconds(cell)) for cell in preparation.cells]
        console.print(plan_table(rows))
        return
    for name, reason in preparation.unavailable.items():
        console.print(f"target {name} is not available: {reason}", markup=False)
    if kept:
        console.print(f"{len(kept)} of {len(preparation.cells)} cells are finished and kept; --fresh measures anew")
    to_run = [cell for cell in preparation.cells if cell.id not in kept]
    with CellBar(console, to_run, [preparation.seconds(cell) for cell in to_run]) as bar:
        finished, failures = bench(preparation, bar)
    _print_summary(console, finished.folder)
    for record in failures:
        console.print(f"failed: {record.cell}: {record.reason}", markup=False)
    if failures:
        raise typer.Exit(CELLS_FAILED)


@app.command()
def report(run: Annotated[Path, typer.Argument(help="A run folder, such as results/quick.")]) -> None:
    """Write the report of a run again."""
    from benchbench.execution.bench import report as write
    from benchbench.store import Run

    write(Run.open(run))
    _print_summary(Console(), run)


@app.command()
def models(as_json: AsJson = False) -> None:
    """List the models of the zoo."""
    from benchbench.models.zoo import MODELS

    rows = [(row.name, row.title, row.hub_id or "") for row in MODELS.values()]
    _print_rows("Models", ("model", "title", "hub_id"), rows, as_json)


@app.command()
def tasks(as_json: AsJson = False) -> None:
    """List the tasks."""
    from benchbench.tasks.catalogue import TASKS

    rows = [
        (t.name, t.title, t.kind, ", ".join(t.metrics), "synthetic" if t.synthetic else "real") for t in TASKS.values()
    ]
    _print_rows("Tasks", ("task", "title", "kind", "metrics", "data"), rows, as_json)


@app.command()
def targets(as_json: AsJson = False) -> None:
    """List the hardware targets, and why those that cannot run here cannot."""
    from benchbench.targets.catalogue import availability, catalogue

    reasons = {target.name: availability(target) for target in catalogue().values()}
    rows = [
        (t.name, t.runtime, t.device, t.precision, "yes" if reasons[t.name] is None else f"no: {reasons[t.name]}")
        for t in catalogue().values()
    ]
    _print_rows("Targets", ("target", "runtime", "device", "precision", "available"), rows, as_json)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what this machine is, and what on it can be measured."""
    from benchbench.execution.doctor import diagnose

    _print_facts(diagnose(), as_json)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line. A wrong input is one line on stderr and exit code 2, never a traceback."""
    try:
        app(arguments, standalone_mode=True)
    except InputError as error:
        print(f"benchbench: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT)
    except SystemExit as end:
        if end.code == INTERRUPTED:  # typer turns Ctrl-C into this code
            print("benchbench: stopped; finished cells are kept, the same command goes on from here", file=sys.stderr)
        raise


def _names(text: str | None) -> tuple[str, ...] | None:
    names = tuple(name.strip() for name in (text or "").split(",") if name.strip())
    return names or None


def _seconds(text: str | None) -> float | None:
    from pydantic import TypeAdapter, ValidationError

    from benchbench.suite import Seconds

    if not text:
        return None
    try:
        return TypeAdapter[float](Seconds).validate_python(text)
    except ValidationError:
        raise InputError(f"--budget {text!r} is not a duration; write it as 6m, 90s or 1h30m") from None


def _print_rows(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], as_json: bool) -> None:
    if as_json:
        print(json.dumps([dict(zip(headings, row, strict=True)) for row in rows], indent=1))
    else:
        from benchbench.console import rows_table

        Console().print(rows_table(title, headings, rows))


def _print_facts(facts: dict[str, object], as_json: bool) -> None:
    if as_json:
        print(json.dumps(facts, indent=1))
    else:
        rows = [(key, value if isinstance(value, str) else json.dumps(value)) for key, value in facts.items()]
        _print_rows("This machine", ("what", "found"), rows, as_json=False)


def _print_summary(console: Console, folder: Path) -> None:
    from benchbench.console import rows_table
    from benchbench.report.render import summary
    from benchbench.store import Run

    table = summary(Run.open(folder))
    rows = [[cell.text for cell in row] for row in table.rows]
    console.print(rows_table(table.title, [column.heading for column in table.columns], rows))
    console.print(f"report: {folder / 'report' / 'index.html'}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    main()
