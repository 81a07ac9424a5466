"""The command line in this process: what a person types, and the exit code."""

import pytest

from benchbench.cli import main


def benchbench(*arguments: object) -> int:
    """Run `benchbench ARGUMENTS`. What it prints goes to stdout and stderr, which `capsys` has."""
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return stopped.value.code or 0
