"""Reading YAML that people write: plain values alone, and errors that name the line."""

from __future__ import annotations

import yaml

from benchbench.errors import InputError, one_line


def parse(text: str, where: str) -> object:
    """The content of YAML `text`. Raises `InputError`, one line that names `where` and, if it can, the line there."""
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{where}, line {line}: not valid YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{where}: not valid YAML: {one_line(error)}") from error
