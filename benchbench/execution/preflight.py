"""What can be known to be wrong before anything runs, so that nothing is left half done."""

from __future__ import annotations

from collections.abc import Mapping

from benchbench import caches
from benchbench.errors import InputError
from benchbench.models import loading as models
from benchbench.models import zoo
from benchbench.models.extent import check_length
from benchbench.models.source import ModelSource
from benchbench.places import is_file, is_folder, places_in
from benchbench.studies.quality import checkpoints, teachers
from benchbench.suites.schema import EfficiencyBlock, QualityBlock, Suite
from benchbench.targets import catalogue as targets
from benchbench.tasks import custom, sources
from benchbench.tasks import registry as tasks
from benchbench.tasks.custom import CustomTask
from benchbench.tasks.task import Task

_EVERY_ROW_TAKES = 512  # tokens; a library of models need not be imported to know it


def check(suite: Suite, *, strict: bool = False, here: bool = True) -> Mapping[str, str]:
    """Check every name, folder and source of `suite`.

    Returns the targets that cannot run here, with the reason. Raises `InputError` for the first thing that is wrong;
    with `strict`, an unavailable target is wrong too. Not `here`: cells run elsewhere, where targets may be available.
    """
    if not suite.quality and not suite.efficiency:
        raise InputError(f"nothing is left of suite {suite.name} after your choice of models, tasks and targets")
    if here:
        caches.check()
    for place in places_in(suite):
        if place.path is not None and not is_file(place.path) and not is_folder(place.path):
            raise InputError(f"no file or folder {place.path}, which the suite or the command line names")
    for block in suite.quality:
        _check_quality(block, suite.tasks)
    for target in suite.targets:
        targets.find(target)
    for wanted in suite.efficiency:
        _check_efficiency(wanted)
    unavailable = _unavailable(suite) if here else {}
    if strict and unavailable:
        name, reason = next(iter(unavailable.items()))
        raise InputError(f"target {name} is not available: {reason}; leave it out with --targets, or drop --strict")
    return unavailable


def _check_quality(block: QualityBlock, own: Mapping[str, CustomTask]) -> None:
    wanted = {name: tasks.find(name) for name in block.tasks if name not in own}
    for model in block.models:
        source = ModelSource(model, block.weights)
        models.check(source)
        models.check_tokenizer(source)
        _check_length(source, max(block.longest_with(block.training_for(task)) for task in block.tasks))
    for task in wanted.values():
        sources.check(task, block.data)
        if block.predict_test:
            sources.check_test(task, block.data)
    for name in block.tasks:
        if name in own:
            if block.predict_test:
                raise InputError(f"predict_test is for GLUE's test splits, and {name} is a task of your own")
            wanted[name] = _own(name, own[name])
    for name, task in wanted.items():
        training = block.training_for(name)
        if training is None:
            for model in block.models:
                checkpoints.check(checkpoints.of_task(ModelSource(model, block.weights), task), task, block.labels)
        elif training.distillation:
            teachers.check(task, training.distillation)


def _own(name: str, task: CustomTask) -> Task:
    if name in tasks.TASKS:
        raise InputError(f"the suite's own task {name} has the name of a shipped one; call it something else")
    return custom.load(name, task).task


def _check_efficiency(block: EfficiencyBlock) -> None:
    texts = block.scenarios.realistic
    for model in block.models:
        source = ModelSource(model, block.weights)
        models.check(source)
        if texts:
            models.check_tokenizer(source)
        _check_length(source, max(*block.sequence_lengths, texts.max_length if texts else 0))
    if texts:
        sources.check(tasks.find(texts.task), texts.data)


def _check_length(source: ModelSource, tokens: int) -> None:
    """What a model of the zoo takes at most is known from its row, of a folder from its config.json; of an id on the
    hub its cell says it.
    """
    if source.weights.path is not None or source.model.path is not None:
        check_length(source, tokens)
    elif zoo.find(source.model) is not None and tokens > _EVERY_ROW_TAKES:
        check_length(ModelSource(source.model), tokens)


def _unavailable(suite: Suite) -> Mapping[str, str]:
    reasons = ((place.name, targets.availability(targets.find(place))) for place in suite.targets)
    return {name: reason for name, reason in reasons if reason is not None}
