"""What the command line asks of a suite: only these models, tasks or targets, other data, weights or budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from pydantic import TypeAdapter

from benchbench import yaml_files
from benchbench.models.zoo import Model
from benchbench.places import Data, Place, TargetPlace, Weights, told_apart, written
from benchbench.suites.schema import EfficiencyBlock, Frozen, Name, QualityBlock, Seconds, Suite

Block = TypeVar("Block", QualityBlock, EfficiencyBlock)
Changed = TypeVar("Changed", bound=Frozen)

_COMMAND_LINE = "the command line"


class Selection(Frozen):
    """What the command line asks for: None leaves the suite as it is."""

    models: tuple[Model, ...] | None = None
    tasks: tuple[Name, ...] | None = None
    targets: tuple[TargetPlace, ...] | None = None
    data: Data | None = None
    weights: Weights | None = None
    budget: Seconds | None = None


def selection(**given: object) -> Selection:
    """What the options ask for. Raises `InputError`, one line that names the option."""
    return yaml_files.validated(given, _COMMAND_LINE, TypeAdapter(Selection))


def select(suite: Suite, selection: Selection) -> Suite:
    """The suite with the command line's choices applied, checked as a suite in a file is.

    A name that the suite has narrows it. A model, task or target that the suite does not name joins its first block
    of that study, so that any model can be run by any suite. Raises `InputError`.
    """
    quality = _choose(_choose(suite.quality, "models", selection.models), "tasks", selection.tasks)
    efficiency = _choose(_choose(suite.efficiency, "models", selection.models), "targets", selection.targets)
    quality = tuple(_override(_used(b), weights=selection.weights, data=selection.data) for b in quality)
    quality = tuple(_deployed(quality, selection.targets))
    efficiency = tuple(_override(b, weights=selection.weights) for b in efficiency)
    if selection.data:
        efficiency = tuple(b.model_copy(update={"scenarios": b.scenarios.on(selection.data)}) for b in efficiency)
    chosen = _override(suite, quality=quality, efficiency=efficiency, budget=selection.budget)
    where = f"{suite.name} after the command line's choices"
    return _told_apart(yaml_files.validated(chosen.model_dump(), where, TypeAdapter(Suite)))


def _told_apart(suite: Suite) -> Suite:
    """The suite with no two models, weights, data or targets under one name. Raises `InputError`."""
    blocks: tuple[QualityBlock | EfficiencyBlock, ...] = (*suite.quality, *suite.efficiency)
    kinds = (
        [model for block in blocks for model in block.models],
        [block.weights for block in blocks],
        [block.data for block in suite.quality],
        suite.targets,
    )
    names = {place: called for places in kinds for place, called in told_apart(places).items()}
    return Suite.model_validate(written(suite, lambda place: names.get(place, place).in_full)) if names else suite


def _choose(blocks: tuple[Block, ...], key: str, wanted: Sequence[object] | None) -> tuple[Block, ...]:
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


def _deployed(blocks: Sequence[QualityBlock], wanted: Sequence[Place] | None) -> Iterator[QualityBlock]:
    """The blocks with only the `wanted` targets to deploy to; those that none of them names join the first that has
    any.

    A block that loses all of them still trains.
    """
    known = {target for block in blocks if block.deploy for target in block.deploy.named}
    extra = [target for target in wanted or () if target not in known]
    for block in blocks:
        if wanted is None or block.deploy is None:
            yield block
            continue
        names = (*(target for target in block.deploy.named if target in wanted), *extra)
        extra = []
        deploy = block.deploy.model_copy(update={"targets": names}) if names else None
        yield block.model_copy(update={"deploy": deploy})


def _used(block: QualityBlock) -> QualityBlock:
    """The block without settings of tasks that were not chosen."""
    used = {task: changes for task, changes in block.per_task.items() if task in block.tasks}
    return block.model_copy(update={"per_task": used})


def _override(model: Changed, **values: object) -> Changed:
    return model.model_copy(update={key: value for key, value in values.items() if value is not None})
