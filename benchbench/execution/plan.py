"""From a suite to its cells: what will run, what is finished already, how long it may take."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchbench.execution.fingerprints import Fingerprints
from benchbench.models.source import ModelSource
from benchbench.places import is_file, is_folder
from benchbench.records import Study
from benchbench.suites.schema import EfficiencyParameters, QualityParameters, Suite


@dataclass(frozen=True, slots=True)
class Cell:
    """One notebook to run. `id` holds a hash of everything that decides the result; see `_identity`."""

    id: str
    study: Study
    title: str
    parameters: QualityParameters | EfficiencyParameters


def plan(suite: Suite, fingerprints: Fingerprints) -> tuple[Cell, ...]:
    """The cells of `suite`, cheap studies of quality first, each once."""
    cells = {cell.id: cell for cell in _cells(suite, fingerprints)}
    return tuple(cells.values())


def _cells(suite: Suite, fingerprints: Fingerprints) -> Iterator[Cell]:
    for parameters in _quality(suite):
        model = ModelSource(parameters.model).name
        recipe = (parameters.recipe,) if parameters.recipe else ()
        title = ", ".join((f"{model} on {parameters.task}", *recipe, f"seed {parameters.seed}"))
        words = (parameters.task, model, *recipe, f"seed{parameters.seed}")
        yield Cell(_id("quality", words, parameters, fingerprints), "quality", title, parameters)
    for wanted in _efficiency(suite):
        target = Path(wanted.target).stem if is_file(wanted.target) else wanted.target
        title = f"{len(wanted.models)} models on {target}"
        yield Cell(_id("efficiency", (target,), wanted, fingerprints), "efficiency", title, wanted)


def _quality(suite: Suite) -> Iterator[QualityParameters]:
    for block in suite.quality:
        for task in block.tasks:
            for model in block.models:
                for seed in suite.seeds:
                    yield QualityParameters(
                        model=model,
                        task=task,
                        weights=block.weights,
                        data=block.data,
                        seed=seed,
                        training=block.training_for(task),
                        custom=suite.tasks.get(task),
                        recipe=block.recipe,
                        predict_test=block.predict_test,
                        country=suite.country,
                    )


def _efficiency(suite: Suite) -> Iterator[EfficiencyParameters]:
    """The budget is divided by the number of models that a target measures."""
    models = sum(len(block.targets) * len(block.models) for block in suite.efficiency)
    for block in suite.efficiency:
        for target in block.targets:
            yield EfficiencyParameters(
                target=target,
                against=tuple(name for name in block.against if name != target),
                models=block.models,
                weights=block.weights,
                batch_sizes=block.batch_sizes,
                sequence_lengths=block.sequence_lengths,
                budget_seconds=suite.budget * len(block.models) / models,
                processes=block.processes,
                layer_times=block.layer_times,
                idle_power=block.idle_power,
                scenarios=block.scenarios,
                interval_half_width=suite.interval_half_width,
                country=suite.country,
            )


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
    """What decides a result. Local folders count by content: moved data are the same, changed ones are not."""
    content = parameters.model_dump(mode="json")
    content["weights"] = fingerprints.folder(parameters.weights)
    if isinstance(parameters, QualityParameters):
        content["data"] = fingerprints.folder(parameters.data)
        if parameters.custom:
            content["custom_files"] = [fingerprints.folder(f"local:{file}") for file in parameters.custom.files]
            content["custom"] |= {"path": None, "evaluation": None}
        models: tuple[str, ...] = (parameters.model,)
    else:
        models = parameters.models
        content["target_files"] = [
            fingerprints.folder(f"local:{t}") for t in (parameters.target, *parameters.against) if is_file(t)
        ]
        if texts := parameters.scenarios.realistic:
            content["scenarios"]["realistic"]["data"] = fingerprints.folder(texts.data)
    content["model_folders"] = [fingerprints.folder(f"local:{m}") for m in models if is_folder(m)]
    return {
        "study": study,
        "parameters": content,
        "notebook": fingerprints.notebook(study),
        "machine": fingerprints.machine,
    }


def _slug(word: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", word.lower()).strip("-")[:40] or "x"
