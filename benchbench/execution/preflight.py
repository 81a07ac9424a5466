"""What can be known to be wrong before anything runs, so that nothing is left half done."""

from __future__ import annotations

from collections.abc import Mapping

from benchbench.errors import InputError
from benchbench.models import loading as models
from benchbench.models.source import ModelSource
from benchbench.suites.schema import EfficiencyBlock, QualityBlock, Suite
from benchbench.targets import catalogue as targets
from benchbench.tasks import custom, sources
from benchbench.tasks import registry as tasks
from benchbench.tasks.custom import CustomTask


def check(suite: Suite, *, strict: bool = False, here: bool = True) -> Mapping[str, str]:
    """Check every name, folder and source of `suite`.

    Returns the targets that cannot run here, with the reason. Raises `InputError` for the first thing that is wrong;
    with `strict`, an unavailable target is wrong too. Not `here`: cells run elsewhere, where targets may be available.
    """
    if not suite.quality and not suite.efficiency:
        raise InputError(f"nothing is left of suite {suite.name} after your choice of models, tasks and targets")
    for block in suite.quality:
        _check_quality(block, suite.tasks)
    for wanted in suite.efficiency:
        _check_efficiency(wanted)
    unavailable = _unavailable(suite) if here else {}
    if strict and unavailable:
        name, reason = next(iter(unavailable.items()))
        raise InputError(f"target {name} is not available: {reason}; leave it out with --targets, or drop --strict")
    return unavailable


def _check_quality(block: QualityBlock, own: Mapping[str, CustomTask]) -> None:
    wanted = [tasks.find(name) for name in block.tasks if name not in own]
    for model in block.models:
        models.check(ModelSource(model, weights=block.weights))
    for task in wanted:
        sources.check(task, block.data)
        if block.predict_test:
            sources.check_test(task, block.data)
    for name in block.tasks:
        if name in own:
            if block.predict_test:
                raise InputError(f"predict_test is for GLUE's test splits, and {name} is a task of your own")
            _check_own(name, own[name])


def _check_own(name: str, task: CustomTask) -> None:
    if name in tasks.TASKS:
        raise InputError(f"the suite's own task {name} has the name of a shipped one; call it something else")
    custom.load(name, task)


def _check_efficiency(block: EfficiencyBlock) -> None:
    for name in (*block.targets, *block.against):
        targets.find(name)
    for model in block.models:
        models.check(ModelSource(model, weights=block.weights))
    if texts := block.scenarios.realistic:
        sources.check(tasks.find(texts.task), texts.data)


def _unavailable(suite: Suite) -> Mapping[str, str]:
    names = dict.fromkeys(name for block in suite.efficiency for name in (*block.targets, *block.against))
    reasons = ((name, targets.availability(targets.find(name))) for name in names)
    return {name: reason for name, reason in reasons if reason is not None}
