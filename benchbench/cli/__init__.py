"""The verbs of `benchbench`. Each reads its arguments, calls one function and prints; the logic is elsewhere.

Exit codes: 0 fine, 1 a comparison found a regression, 2 bad input, 3 some cells failed, 4 an unexpected error,
130 Ctrl-C.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

from benchbench.cli import cache, listing, measuring, reports, running, targets
from benchbench.cli.application import BAD_INPUT, INTERRUPTED, UNEXPECTED, app
from benchbench.errors import InputError

__all__ = ["app", "cache", "listing", "main", "measuring", "reports", "running", "targets"]


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line. Whatever goes wrong is one line on stderr and an exit code of its own, never a traceback."""
    try:
        app(arguments, standalone_mode=True)
    except InputError as error:
        print(f"benchbench: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT)
    except (SystemExit, KeyboardInterrupt) as end:
        if isinstance(end, SystemExit) and end.code != INTERRUPTED:  # typer turns Ctrl-C into this code
            raise
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one would cut off the ending
        print("benchbench: stopped; finished cells are kept, the same command resumes from here", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except Exception as error:
        from benchbench.cli.unexpected import explain

        print(f"benchbench: {explain(error)}", file=sys.stderr)
        sys.exit(UNEXPECTED)
