"""Reading a suite: a YAML file that says which models, tasks and targets to measure, and with what settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import ValidationError

from benchbench import yaml_files
from benchbench.errors import InputError, unknown
from benchbench.suites.schema import QualityBlock, Suite

_MAX_BYTES = 1_000_000  # no suite is this long; a file that is was not meant as one


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
    text = _text(path)
    suite = parse(text, str(path))
    own = {task: custom.below(path.parent) for task, custom in suite.tasks.items()}
    return suite.model_copy(update={"tasks": own}), text


def parse(text: str, where: str) -> Suite:
    """The suite in `text`. Raises `InputError` that names `where` and the line."""
    content = yaml_files.parse(text, where)
    if not isinstance(content, dict):
        raise InputError(f"{where}, line 1: a suite is a mapping that begins with 'name: …'")
    try:
        suite = Suite.model_validate(content)
        for block in suite.quality:
            _check_per_task(block)
    except ValidationError as error:
        raise InputError(_explain(error, yaml.compose(text, Loader=yaml.SafeLoader), where)) from error
    return suite


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read the suite {str(path)[:300]!r}: {getattr(error, 'strerror', error)}") from error
    if len(content) > _MAX_BYTES:
        raise InputError(f"{path}: {len(content)} bytes are too many for a suite; is this the right file?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{path}, line {line}: not UTF-8; save the file as UTF-8") from error


def _check_per_task(block: QualityBlock) -> None:
    for task in block.per_task:
        block.training_for(task)


def _explain(error: ValidationError, node: yaml.Node | None, where: str) -> str:
    first = error.errors()[0]
    location = first["loc"]
    key = ".".join(str(part) for part in location) or "suite"
    return f"{where}, line {_line(node, location)}: {key}: {first['msg'][:200]}"


def _line(node: yaml.Node | None, location: Iterable[int | str]) -> int:
    """The line (from 1) of the deepest node on the way to `location`."""
    line = node.start_mark.line if node else 0
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == part), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
        else:
            break
    return line + 1
