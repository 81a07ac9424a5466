"""From a suite to its cells: what will run, what is finished already, how long it may take."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchbench.errors import InputError
from benchbench.execution.fingerprints import Fingerprints
from benchbench.models import zoo
from benchbench.places import Place, written
from benchbench.records import Study
from benchbench.suites.schema import (
    Deployment,
    EfficiencyParameters,
    QualityBlock,
    QualityParameters,
    Suite,
    shared,
)
from benchbench.targets import catalogue
from benchbench.targets.catalogue import runtime_file


@dataclass(frozen=True, slots=True)
class Cell:
    """One notebook to run. `id` holds a hash of everything that decides the result; see `_identity`."""

    id: str
    study: Study
    title: str
    parameters: QualityParameters | EfficiencyParameters


def plan(suite: Suite, fingerprints: Fingerprints) -> tuple[Cell, ...]:
    """The cells of `suite`, cheap studies of quality first, each once.

    Raises `InputError` where two cells would have one name in a report: the same training with other settings.
    """
    cells = {cell.id: cell for cell in _cells(suite, fingerprints)}
    _refuse_one_name_for_two(cells.values())
    return tuple(cells.values())


def _refuse_one_name_for_two(cells: Iterable[Cell]) -> None:
    trainings: dict[tuple[object, ...], QualityParameters] = {}
    for cell in cells:
        if not isinstance(there := cell.parameters, QualityParameters):
            continue
        named = (there.model, there.task, there.weights, there.data, there.recipe, there.seed)
        first = trainings.setdefault(named, there)
        if differing := ", ".join(_differing(first.model_dump(), there.model_dump())):
            raise InputError(
                f"two quality blocks have {cell.title}, with different settings: {differing}; "
                "give each of them a recipe of its own, by which the report tells them apart"
            )


def _differing(one: Mapping[str, object], other: Mapping[str, object]) -> Iterator[str]:
    """The settings that are not the same, 'deploy.batch_size' of a mapping in it."""
    for name, value in one.items():
        there = other.get(name)
        if isinstance(value, Mapping) and isinstance(there, Mapping):
            yield from (f"{name}.{inner}" for inner in _differing(value, there))
        elif value != there:
            yield name


def with_a_finding_first(
    cells: Sequence[Cell], seconds: Callable[[Cell], float], unavailable: Collection[str]
) -> tuple[Cell, ...]:
    """`cells` in the order in which they run: the shortest that compares models on a target that can run here comes
    first, so that a finding is there soon.
    """
    comparing = [
        cell
        for cell in cells
        if isinstance(p := cell.parameters, EfficiencyParameters)
        and (len(p.models) > 1 or p.against)
        and p.target.name not in unavailable
    ]
    first = min(comparing, key=seconds, default=None)
    return tuple(cells) if first is None else (first, *(cell for cell in cells if cell is not first))


def with_targets_named(suite: Suite, *, here: bool) -> Suite:
    """The suite with the names of 'available' targets: those that can run here, or all where cells run elsewhere."""
    return suite.model_copy(update={"quality": tuple(_with_targets_named(block, here) for block in suite.quality)})


def _with_targets_named(block: QualityBlock, here: bool) -> QualityBlock:
    if block.deploy is None or block.deploy.targets != "available":
        return block
    known = catalogue.catalogue().values()
    names = tuple(Place(target.name) for target in known if not here or catalogue.availability(target) is None)
    return block.model_copy(update={"deploy": block.deploy.model_copy(update={"targets": names})})


def _cells(suite: Suite, fingerprints: Fingerprints) -> Iterator[Cell]:
    for parameters in _quality(suite):
        recipe = (parameters.recipe,) if parameters.recipe else ()
        which = f"seed {parameters.seed}" if parameters.training else "not trained"
        title = ", ".join((f"{parameters.model} on {parameters.task}", *recipe, which))
        words = (parameters.task, parameters.model.name, *recipe, which.replace("seed ", "seed"))
        yield Cell(_id("quality", words, parameters, fingerprints), "quality", title, parameters)
    for wanted in _efficiency(suite):
        target = wanted.target.path.stem if wanted.target.path else wanted.target.name
        title = f"{len(wanted.models)} models on {target}"
        yield Cell(_id("efficiency", (target,), wanted, fingerprints), "efficiency", title, wanted)


def _quality(suite: Suite) -> Iterator[QualityParameters]:
    for block in suite.quality:
        settings = shared(QualityParameters, suite, block)
        for task in block.tasks:
            of_task = {"task": task, "custom": suite.tasks.get(task), "training": block.training_for(task)}
            for model in block.models:
                of_model = {"model": model, "deploy": deployment_of(model, block.deploy)}
                for seed in suite.seeds if of_task["training"] else suite.seeds[:1]:
                    yield QualityParameters(**settings | of_task | of_model, seed=seed)


def deployment_of(model: Place, wanted: Deployment | None) -> Deployment | None:
    """`wanted` with those of its targets that run such a model: encoders read tokens, linear models texts."""
    if wanted is None:
        return None
    reads = "texts" if zoo.is_linear(model) else "tokens"
    fitting = tuple(place for place in wanted.named if catalogue.find(place).reads == reads)
    return wanted.model_copy(update={"targets": fitting})


def _efficiency(suite: Suite) -> Iterator[EfficiencyParameters]:
    """The budget is divided by the number of models that a target measures."""
    models = sum(len(block.targets) * len(block.models) for block in suite.efficiency)
    for block in suite.efficiency:
        settings = shared(EfficiencyParameters, suite, block)
        budget_seconds = suite.budget * len(block.models) / models
        for target in block.targets:
            others = {"against": tuple(other for other in block.against if other != target)}
            yield EfficiencyParameters(**settings | others, target=target, budget_seconds=budget_seconds)


def _id(
    study: Study,
    words: tuple[str, ...],
    parameters: QualityParameters | EfficiencyParameters,
    fingerprints: Fingerprints,
) -> str:
    """A name that people can read and file systems can hold, made unique by a hash."""
    identity = json.dumps(_identity(study, parameters, fingerprints), sort_keys=True)
    digest = hashlib.sha256(identity.encode()).hexdigest()[:12]
    readable = "_".join(_slug(word) for word in (study, *words))
    return f"{readable[:90]}_{digest}"


def _identity(
    study: Study, parameters: QualityParameters | EfficiencyParameters, fingerprints: Fingerprints
) -> Mapping[str, object]:
    """What decides a result. Files and folders count by content: moved ones are the same, changed ones are not."""
    contents = fingerprints.contents
    files = (runtime_file(target) for target in parameters.targets)
    runtimes = [contents.of(file) for file in files if file is not None]
    return {
        "study": study,
        "parameters": written(parameters, contents.hash),
        "runtimes": runtimes,
        "notebook": fingerprints.notebook(study),
        "machine": fingerprints.machine,
    }


def _slug(word: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", word.lower()).strip("-")[:40] or "x"
