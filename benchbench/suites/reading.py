"""Reading a suite: a YAML file that says which models, tasks and targets to measure, and with what settings."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from pydantic import TypeAdapter

from benchbench import yaml_files
from benchbench.errors import unknown
from benchbench.places import FOLDER
from benchbench.suites.schema import Suite

_SUITE = TypeAdapter(Suite)
_SHAPE = "a suite is a mapping that begins with 'name: …'"


def shipped() -> Mapping[str, Path]:
    """The suites that come with the package, by name."""
    folder = Path(str(files("benchbench") / "suites"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def read(name: str) -> tuple[Suite, str]:
    """The suite called `name`, or in the YAML file `name`, with its text.

    Raises `InputError` for an unknown name and for a file that is no suite, with the line.
    """
    known = shipped()
    if name in known:
        path = known[name]
    elif name.endswith((".yaml", ".yml")):
        path = Path(name)
    else:
        raise unknown("suite", name, known)
    text = yaml_files.text(path)
    return parse(text, str(path), path.parent.resolve()), text


def parse(text: str, where: str, folder: Path | None = None) -> Suite:
    """The suite in `text`; files of its own tasks are below `folder`, the working one where None.

    Raises `InputError` that names `where` and the line.
    """
    return yaml_files.parse(text, where, _SUITE, _SHAPE, {FOLDER: folder})
