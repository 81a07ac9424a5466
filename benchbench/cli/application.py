"""The command line as an object, its exit codes, and the options that several verbs share."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

REGRESSION = 1
BAD_INPUT = 2
CELLS_FAILED = 3
UNEXPECTED = 4
INTERRUPTED = 130

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
