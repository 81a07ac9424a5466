"""What can be known to be wrong before anything runs, so that nothing is left half done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchbench import caches
from benchbench.errors import InputError
from benchbench.models import linear_text, zoo
from benchbench.models import loading as models
from benchbench.models.extent import longest_sequence
from benchbench.models.source import ModelSource
from benchbench.places import Place, is_file, is_folder, places_in
from benchbench.studies.quality import scored_as_it_is, teachers
from benchbench.suites.schema import EfficiencyBlock, QualityBlock, Suite
from benchbench.targets import catalogue as targets
from benchbench.tasks import custom, kinds, sources
from benchbench.tasks import registry as tasks
from benchbench.tasks.custom import CustomTask
from benchbench.tasks.task import TaskData

Source = tuple[str, Place]
"""A task by its name, and where its data come from."""

Located = Callable[[str, object], str]
"""Where in a suite's file a setting has a value: the beginning of a message."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of a suite before it runs: why some targets cannot run here, and how many examples each task has
    to train on.
    """

    unavailable: Mapping[str, str]
    examples: Mapping[Source, int]


def check(
    suite: Suite, *, strict: bool = False, here: bool = True, located: Located = lambda setting, value: ""
) -> Checked:
    """Check every name, folder and source of `suite`.

    Raises `InputError` for the first thing that is wrong; with `strict`, an unavailable target is wrong too.
    Not `here`: cells run elsewhere, where targets may be available.
    """
    if not suite.quality and not suite.efficiency:
        raise InputError(f"nothing is left of suite {suite.name} after your choice of models, tasks and targets")
    if here:
        caches.check()
    for place in places_in(suite):
        if place.path is not None and not is_file(place.path) and not is_folder(place.path):
            raise InputError(f"no file or folder {place.path}, which the suite or the command line names")
    examples: dict[Source, int] = {}
    for block in suite.quality:
        examples |= _check_quality(block, suite.tasks, located)
    for target in suite.targets:
        targets.find(target)
    for wanted in suite.efficiency:
        _check_efficiency(wanted, located)
    unavailable = _unavailable(suite) if here else {}
    if strict and unavailable:
        name, reason = next(iter(unavailable.items()))
        raise InputError(f"target {name} is not available: {reason}; leave it out with --targets, or drop --strict")
    return Checked(unavailable, examples)


def _check_quality(block: QualityBlock, own: Mapping[str, CustomTask], located: Located) -> Mapping[Source, int]:
    """Returns how many examples each task has to train on."""
    shipped = {name: tasks.find(name) for name in block.tasks if name not in own}
    longest = max(block.longest_with(block.training_for(task)) for task in block.tasks)
    _check_deployment(block)
    encoders = [model for model in block.models if not zoo.is_linear(model)]
    for model in encoders:
        source = ModelSource(model, block.weights)
        models.check(source)
        models.check_tokenizer(source)
        _check_length([source], "max_length", longest, located)
    examples = {(name, block.data): sources.check(task, block.data) for name, task in shipped.items()}
    for task in shipped.values():
        if block.predict_test:
            sources.check_test(task, block.data)
    wanted = dict(shipped)
    for name in block.tasks:
        if name in own:
            if block.predict_test:
                raise InputError(f"predict_test is for GLUE's test splits, and {name} is a task of your own")
            loaded = _own(name, own[name])
            wanted[name], examples[name, block.data] = loaded.task, len(loaded.train)
    for name, task in wanted.items():
        training = block.training_for(name)
        for model in (model for model in block.models if zoo.is_linear(model)):
            linear_text.check(model.name, task.name, task.kind, trained=training is not None)
        if training is None:
            for model in encoders:
                scored_as_it_is.check(
                    scored_as_it_is.of_task(ModelSource(model, block.weights), task), task, block.labels
                )
        elif training.encoder == "frozen":
            kinds.check_labels_whole_texts(task, "encoder: frozen")
        elif training.distillation:
            teachers.check(task, training.distillation)
    return examples


def _check_deployment(block: QualityBlock) -> None:
    """Raise `InputError` for a model that none of the block's targets runs."""
    if block.deploy is None or not block.deploy.named:
        return
    reads = {place.name: targets.find(place).reads for place in block.deploy.named}
    for model in block.models:
        wanted = "texts" if zoo.is_linear(model) else "tokens"
        if wanted not in reads.values():
            known = ", ".join(target.name for target in targets.catalogue().values() if target.reads == wanted)
            raise InputError(f"none of the targets to deploy to ({', '.join(reads)}) runs {model}; such are: {known}")


def _own(name: str, task: CustomTask) -> TaskData:
    if name in tasks.TASKS:
        raise InputError(f"the suite's own task {name} has the name of a shipped one; call it something else")
    return custom.load(name, task)


def _check_efficiency(block: EfficiencyBlock, located: Located) -> None:
    texts = block.scenarios.realistic
    for target in (*block.targets, *block.against):
        if targets.find(target).reads == "texts":
            raise InputError(f"target {target} runs linear models alone, which a quality block deploys")
    wanted = [ModelSource(model, block.weights) for model in block.models]
    for source in wanted:
        models.check(source)
        if texts:
            models.check_tokenizer(source)
            _check_length([source], "max_length", texts.max_length, located)
    _check_length(wanted, "sequence_lengths", max(block.sequence_lengths), located)
    if mixed := block.scenarios.mixed_lengths:
        _check_length(wanted, "longest", mixed.longest, located)
    if texts:
        sources.check(tasks.find(texts.task), texts.data)


def _check_length(wanted: Sequence[ModelSource], setting: str, tokens: int, located: Located) -> None:
    """Raise `InputError` where none of the models takes a text so long; where one does, the others are absent there."""
    bounds = {source: longest for source in wanted if (longest := _longest(source)) is not None}
    if len(bounds) == len(wanted) and tokens > max(bounds.values()):
        source, longest = max(bounds.items(), key=lambda bound: bound[1])
        where = f"{located(setting, tokens)}{setting}"
        raise InputError(f"{where}: {source.name} takes at most {longest} tokens, and the suite asks for {tokens}")


def _longest(source: ModelSource) -> int | None:
    """Of a model of the zoo from its row, of a folder from its config.json; of an id on the hub its cell says it."""
    row = zoo.find(source.model)
    if source.weights.path is not None or source.model.path is not None:
        return longest_sequence(source)
    if row is None:
        return None
    return row.longest_sequence or longest_sequence(ModelSource(source.model))


def _unavailable(suite: Suite) -> Mapping[str, str]:
    reasons = ((place.name, targets.availability(targets.find(place))) for place in suite.targets)
    return {name: reason for name, reason in reasons if reason is not None}
