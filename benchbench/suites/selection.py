"""What the command line asks of a suite: only these models, tasks or targets, other data, weights or budget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from benchbench.suites.schema import EfficiencyBlock, Frozen, QualityBlock, Seconds, Suite

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
