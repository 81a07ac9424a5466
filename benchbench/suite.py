"""A suite: a YAML file that says which models, tasks and targets to measure, and with what settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BeforeValidator, Field, ValidationError

from benchbench import yaml_text
from benchbench.errors import InputError, unknown
from benchbench.studies.parameters import Country, Frozen, Name, Scenarios, Training
from benchbench.tasks.custom import CustomTask

_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?")
_MAX_BYTES = 1_000_000  # no suite is this long; a file that is was not meant as one


def seconds(text: object) -> object:
    """'6m', '90s', '1h30m' or a bare number of seconds, as seconds. Other things pass through to the schema's error."""
    if isinstance(text, str) and text and (match := _DURATION.fullmatch(text.strip())):
        hours, minutes, rest = (float(group or 0) for group in match.groups())
        return hours * 3600 + minutes * 60 + rest
    return text


Seconds = Annotated[float, BeforeValidator(seconds), Field(gt=0, le=7 * 24 * 3600)]
Names = Annotated[tuple[Name, ...], Field(min_length=1)]


class QualityBlock(Frozen):
    """Each model is fine-tuned on each task with each of the suite's seeds.

    `recipe`: what the report calls this block's `training`, where the suite compares several on the same model and
    task. `predict_test`: unlabelled test splits are predicted too, for `benchbench submission`.
    """

    models: Names
    tasks: Names
    weights: Name = "hub"
    data: Name = "hub"
    training: Training = Training()
    recipe: Name | None = None
    predict_test: bool = False
    per_task: Mapping[str, Mapping[str, Any]] = Field(default={}, description="settings of `training`, by task")

    def training_for(self, task: str) -> Training:
        return Training.model_validate({**self.training.model_dump(), **self.per_task.get(task, {})})


class EfficiencyBlock(Frozen):
    """On each target, all models are measured together.

    `against`: targets that run in the same rounds, so that speedups over them are paired too.
    """

    models: Names
    targets: Names
    against: tuple[Name, ...] = ()
    weights: Name = "random"
    batch_sizes: tuple[int, ...] = (1, 8)
    sequence_lengths: tuple[int, ...] = (128,)
    processes: int = 3
    layer_times: bool = Field(False, description="also the time that each type of layer takes, in PyTorch")
    idle_power: bool = Field(False, description="also the machine's power while nothing runs")
    scenarios: Scenarios = Scenarios()


class Suite(Frozen):
    """The whole file. `budget`: seconds for all efficiency measurements together. `tasks`: the user's own, by name."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
    title: str
    seeds: Annotated[tuple[Annotated[int, Field(ge=0, lt=2**31)], ...], Field(min_length=1)] = (0,)
    country: Country = "USA"
    budget: Seconds = 360.0
    interval_half_width: Annotated[float, Field(gt=0, lt=1)] = 0.05
    tasks: Mapping[Name, CustomTask] = {}
    quality: tuple[QualityBlock, ...] = ()
    efficiency: tuple[EfficiencyBlock, ...] = ()


Block = TypeVar("Block", QualityBlock, EfficiencyBlock)
Model = TypeVar("Model", bound=Frozen)


class Selection(Frozen):
    """What the command line asks for: None leaves the suite as it is."""

    models: tuple[str, ...] | None = None
    tasks: tuple[str, ...] | None = None
    targets: tuple[str, ...] | None = None
    data: str | None = None
    weights: str | None = None
    budget: Seconds | None = None


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
    content = yaml_text.parse(text, where)
    if not isinstance(content, dict):
        raise InputError(f"{where}, line 1: a suite is a mapping that begins with 'name: …'")
    try:
        suite = Suite.model_validate(content)
        for block in suite.quality:
            _check_per_task(block)
    except ValidationError as error:
        raise InputError(_explain(error, yaml.compose(text, Loader=yaml.SafeLoader), where)) from error
    return suite


def select(suite: Suite, selection: Selection) -> Suite:
    """The suite with the command line's choices applied.

    A name that the suite has narrows it. A model, task or target that the suite does not name joins its first block
    of that study, so that any model can be run by any suite.
    """
    quality = _choose(_choose(suite.quality, "models", selection.models), "tasks", selection.tasks)
    efficiency = _choose(_choose(suite.efficiency, "models", selection.models), "targets", selection.targets)
    quality = tuple(_override(b, weights=selection.weights, data=selection.data) for b in quality)
    efficiency = tuple(_override(b, weights=selection.weights) for b in efficiency)
    if selection.data:
        efficiency = tuple(b.model_copy(update={"scenarios": b.scenarios.on(selection.data)}) for b in efficiency)
    return _override(suite, quality=quality, efficiency=efficiency, budget=selection.budget)


def _choose(blocks: tuple[Block, ...], key: str, wanted: Sequence[str] | None) -> tuple[Block, ...]:
    if wanted is None or not blocks:
        return blocks
    present = {name for block in blocks for name in getattr(block, key)}
    extra = tuple(name for name in wanted if name not in present)
    chosen = []
    for index, block in enumerate(blocks):
        names = tuple(n for n in getattr(block, key) if n in wanted) + (extra if index == 0 else ())
        if names:
            chosen.append(block.model_copy(update={key: names}))
    return tuple(chosen)


def _override(model: Model, **values: object) -> Model:
    return model.model_copy(update={key: value for key, value in values.items() if value is not None})


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
