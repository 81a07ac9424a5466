"""Every name in the YAML that comes with the package is one that exists: a name that nothing has is never evidence."""

import importlib
import re
from importlib.resources import files

import pytest
import yaml

from benchbench.models.zoo import LINEAR, MODELS
from benchbench.quantities import QUANTITIES, SCORES
from benchbench.report.claims import claims, published
from benchbench.suites import reading
from benchbench.targets import catalogue
from benchbench.tasks.registry import TASKS


@pytest.mark.parametrize("claim", claims.shipped(), ids=lambda claim: claim.id)
def test_a_claim_names_models_and_tasks_that_exist(claim):
    pairs = [claim, claim.stand_in] if claim.stand_in else [claim]
    named = {name for pair in pairs for name in (pair.candidate, pair.baseline) if name}
    assert named <= {*MODELS, *LINEAR}
    assert set(claim.where.get("task", ())) <= set(TASKS)


@pytest.mark.parametrize("fact", published.facts(), ids=lambda fact: f"{fact.model}-{fact.task}-{fact.quantity}")
def test_a_published_figure_names_what_a_run_can_measure(fact):
    assert fact.model in MODELS
    assert not fact.baseline or fact.baseline in MODELS
    assert fact.quantity in QUANTITIES
    if fact.task:
        measured = {*TASKS[fact.task].metrics, *(("accuracy_mismatched",) if fact.task == "mnli" else ())}
        assert fact.quantity in measured


@pytest.mark.parametrize("name", reading.shipped())
def test_a_suite_names_models_tasks_and_targets_that_exist(name):
    suite, _ = reading.read(name)
    for block in (*suite.quality, *suite.efficiency):
        named = {str(model) for model in block.models}
        if getattr(block, "training", True):
            assert named <= {*MODELS, *LINEAR}
        else:  # checkpoints of others: OWNER/NAME on the hub
            assert [name for name in named if not re.fullmatch(r"[\w-]+/[\w.-]+", name)] == []
    for block in suite.quality:
        deployed = block.deploy.named if block.deploy else ()
        assert {str(target) for target in deployed} <= set(catalogue.catalogue())
        assert set(block.tasks) <= set(TASKS)
    for block in suite.efficiency:
        assert {str(target) for target in (*block.targets, *block.against)} <= set(catalogue.catalogue())


def test_each_target_has_a_runtime_and_each_runtime_a_class():
    content = yaml.safe_load((files("benchbench.targets") / "catalogue.yaml").read_text())
    assert {row["runtime"] for row in content["targets"]} == set(content["runtimes"])
    for place in content["runtimes"].values():
        module, _, name = place.partition(":")
        assert hasattr(importlib.import_module(module), name)


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_a_task_has_metrics_that_suit_its_kind(task):
    assert set(task.metrics) <= set(SCORES)
