"""Verbs that read runs: report, pick, compare, merge, export, verify."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchbench.cli.application import BAD_INPUT, REGRESSION, AsJson, app
from benchbench.cli.printing import print_rows, print_summary, print_table

if TYPE_CHECKING:
    from benchbench.report.evaluations.flipped import Flipped
    from benchbench.report.evaluations.paired_changes import Pair
    from benchbench.report.tables.table import Table

_KEEP = (
    "Quality is at least this share of the best score that any model of the run has in fp32 PyTorch, averaged over the "
    "same tasks: 99% or 0.99."
)

_REQUESTS = "Choose by what training and so many requests take together: 250, 10k, 1.5M or 2G."

_PRICE = "With --requests: choose by money, the machine's time at this price an hour."

_BETWEEN = (
    "Compare the scores of two models, targets, recipes or weights of one run, A,B, on the same examples; the target "
    "fp32 is the model as transformers writes it, in PyTorch."
)

RunFolder = Annotated[Path, typer.Argument(help="A run folder, such as results/quick.")]


@app.command()
def report(
    run: RunFolder,
    claims: Annotated[Path | None, typer.Option(help="A YAML file with claims of your own.")] = None,
) -> None:
    """Write the report of a run again."""
    from benchbench.report.writing import write_report
    from benchbench.runs.folder import Run

    write_report(Run.open(run), claims)
    print_summary(run)


@app.command()
def pick(
    run: RunFolder,
    min_quality: Annotated[float | None, typer.Option(help="Mean score over the tasks, 0 to 1.")] = None,
    keep: Annotated[str | None, typer.Option(help=_KEEP)] = None,
    task: Annotated[str | None, typer.Option(help="Quality and costs of this task alone.")] = None,
    max_p90: Annotated[float | None, typer.Option(help="Latency p90 of one request, in ms.")] = None,
    max_p99: Annotated[float | None, typer.Option(help="The same of p99, where 299 queries or more tell it.")] = None,
    max_memory: Annotated[float | None, typer.Option(help="Peak memory, in MB.")] = None,
    requests: Annotated[str | None, typer.Option(help=_REQUESTS)] = None,
    price: Annotated[float | None, typer.Option(help=_PRICE, min=0)] = None,
    as_json: AsJson = False,
) -> None:
    """Name the model and target that meet your demands at the least energy, or the least money."""
    from benchbench.report.choice.options import MOST_SHOWN, answer, options
    from benchbench.report.choice.pick import Demands
    from benchbench.report.choice.pick import pick as choose
    from benchbench.report.costs.requests import requests_from
    from benchbench.report.view import labelled, named, systems, unmeasured
    from benchbench.runs.folder import Run

    bytes_allowed = None if max_memory is None else max_memory * 1e6
    kept = None if keep is None else _share(keep)
    number = None if requests is None else requests_from(requests)
    demands = Demands(min_quality, max_p90, max_p99, bytes_allowed, kept, task, number, price)
    opened = Run.open(run)
    measured = opened.measurements
    missing = unmeasured(opened.absences, named(measured))
    choice = choose(labelled(measured), systems(measured), missing, demands)
    if as_json:
        print(json.dumps(choice.as_json(), indent=1))
        return
    print(answer(choice.best))
    print_table(options(choice, MOST_SHOWN))


def _share(text: str) -> float:
    from benchbench.errors import InputError

    number, percent = text.strip().removesuffix("%"), text.strip().endswith("%")
    try:
        found = float(number) / (100 if percent else 1)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise InputError(f"--keep takes a share such as 99% or 0.99, not {text!r}")
    return found


@app.command()
def compare(
    before: RunFolder,
    after: Annotated[Path | None, typer.Argument(help="The run to compare it with; none with --between.")] = None,
    between: Annotated[str | None, typer.Option(help=_BETWEEN)] = None,
    examples: Annotated[int, typer.Option(help="Show so many examples that flip, of each pair of scores.", min=0)] = 0,
    threshold: Annotated[float, typer.Option(help="Worse by more than this is a regression.", min=0)] = 0.05,
    across_machines: Annotated[bool, typer.Option("--across-machines", help="Compare times of two machines.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare two runs, or two sides of one; exit code 1 when the second run has regressions."""
    from benchbench.errors import InputError
    from benchbench.report.comparison import compare as compared
    from benchbench.report.side_by_side import side_by_side
    from benchbench.report.tables.differences import contrasts_table, differences_table
    from benchbench.runs.folder import Run

    if (after is None) == (between is None):
        raise InputError("compare takes a second run, or --between A,B for two sides of one run")
    if between is not None:
        names = [name.strip() for name in between.split(",")]
        if len(names) != 2 or not all(names):
            raise InputError(f"--between takes two names with a comma between, not {between!r}")
        sides = side_by_side(Run.open(before), *names)
        _say(sides.as_json(), as_json, contrasts_table(sides), _Flips(sides.pairs, names[0], names[1], examples))
        return
    assert after is not None
    found = compared(Run.open(before), Run.open(after), threshold, across_machines)
    if not as_json:
        changes = [(change.what, change.before, change.after) for change in found.changes]
        print_rows("What changed", ("what", "before", "after"), changes, as_json=False)
    _say(found.as_json(), as_json, differences_table(found), _Flips(found.pairs, "Before", "After", examples))
    if found.regressions:
        raise typer.Exit(REGRESSION)


@dataclass(frozen=True, slots=True)
class _Flips:
    """The examples that flip in each of the `pairs`, by what they are of, at most `most` each; none are asked for by 0.

    `before`, `after`: what the two sides are called.
    """

    pairs: Mapping[str, Pair]
    before: str
    after: str
    most: int

    def of_each(self) -> Mapping[str, tuple[Flipped, ...]]:
        from benchbench.report.evaluations.flipped import flipped

        return {what: flipped(pair, self.most) for what, pair in self.pairs.items()} if self.most else {}


def _say(plain: Mapping[str, object], as_json: bool, table: Table, flips: _Flips) -> None:
    from benchbench.report.tables.differences import flips_table

    if as_json:
        asked = {"flips": {what: [asdict(one) for one in shown] for what, shown in flips.of_each().items()}}
        print(json.dumps({**plain, **(asked if flips.most else {})}, indent=1))
        return
    print_table(table)
    for what, shown in flips.of_each().items():
        if shown:
            print_table(flips_table(what, flips.before, flips.after, shown))
        else:
            print(f"No example flips: {what}.")


@app.command()
def merge(
    runs: Annotated[list[Path], typer.Argument(help="Run folders, say of several machines.")],
    out: Annotated[Path, typer.Option(help="The new run folder.")],
) -> None:
    """Join runs into one, with one report."""
    from benchbench.report.writing import write_report
    from benchbench.runs.folder import Run
    from benchbench.runs.merging import merge as merged

    write_report(merged([Run.open(run) for run in runs], out))
    print_summary(out)


@app.command()
def verify(run: RunFolder, as_json: AsJson = False) -> None:
    """Check that a run is whole and unchanged; exit code 2 when it is not."""
    from benchbench.runs.verification import problems

    found = problems(run)
    if as_json:
        print(json.dumps({"run": str(run), "problems": found}, indent=1))
    else:
        print("\n".join(found) if found else f"{run}: whole and unchanged")
    if found:
        raise typer.Exit(BAD_INPUT)


@app.command()
def export(
    run: RunFolder,
    model_card: Annotated[str, typer.Option(help="The model whose card to write.")],
) -> None:
    """Print Hugging Face model-card metadata (model-index, co2_eq_emissions) of a model in a run."""
    from benchbench.exports.model_card import model_card as card
    from benchbench.runs.folder import Run

    print(card(Run.open(run), model_card), end="")


@app.command()
def submission(
    run: RunFolder,
    model: Annotated[str | None, typer.Option(help="Whose predictions, where the run has several models'.")] = None,
    out: Annotated[Path | None, typer.Option(help="The zip to write; default RUN-submission.zip.")] = None,
) -> None:
    """Write the zip that the GLUE leaderboard takes, and check it; the run needs predict_test in its suite."""
    from benchbench.exports.leaderboard import collect
    from benchbench.runs.folder import Run
    from benchbench.tasks.glue.submission import check, write

    chosen, predictions = collect(Run.open(run), model)
    path = out or run.with_name(f"{run.resolve().name}-submission.zip")
    write(predictions, path)
    check(path)
    print(f"{path}: {chosen}, {sum(map(len, predictions.values()))} predictions, ready for the leaderboard")
