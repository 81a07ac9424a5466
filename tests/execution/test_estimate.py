"""A plan's estimate: more work takes longer, more cores less, and seconds that were asked for are in it."""

import pytest

from benchbench.execution.estimate import estimate_seconds
from benchbench.suites.schema import EfficiencyParameters, QualityParameters


def quality(cores=2, model="squeezebert", task="rte", **training):
    return estimate_seconds(QualityParameters(model=model, task=task, training=training), cores)


def efficiency(models=("squeezebert",), **more):
    return estimate_seconds(EfficiencyParameters(target="torch-cpu", models=models, **more), 2)


def test_more_epochs_a_larger_task_and_a_larger_model_take_longer():
    assert quality(epochs=6) > 1.8 * quality(epochs=3)
    assert quality(task="mnli") > 50 * quality(task="rte")
    assert quality(model="bert-base") > quality(model="minilm-l6") > quality(model="squeezebert-tiny")


def test_more_cores_take_less_time():
    assert quality(cores=8) < quality(cores=2) / 2


def test_fewer_examples_take_less_time():
    assert quality(task="mnli", examples=1000) < quality(task="mnli") / 10


def test_the_budget_and_each_model_add_their_seconds():
    assert efficiency(budget_seconds=100) - efficiency(budget_seconds=40) == pytest.approx(60)
    assert efficiency(models=("squeezebert", "bert-base")) > efficiency()


def test_a_server_and_the_search_for_the_largest_batch_take_time_for_each_model():
    served = {"server": {"p99_ms": 100, "seconds": 60}}
    one, two = (efficiency(names, scenarios=served) - efficiency(names) for names in (("a",), ("a", "b")))
    assert (one, two) == (60, 120)
    assert efficiency(scenarios={"largest_batch": {"memory_limit": "1GB"}}) > efficiency()
