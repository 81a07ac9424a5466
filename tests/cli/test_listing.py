"""Verbs that list what there is, and count: models, tasks, targets, doctor, flops."""

import json

import pytest
from command_line import benchbench

from benchbench.models.zoo import LINEAR, MODELS
from benchbench.tasks.registry import TASKS


def rows(capsys, *arguments):
    assert benchbench(*arguments, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_models_lists_the_zoo(capsys):
    assert [row["model"] for row in rows(capsys, "models")] == [*MODELS, *LINEAR]
    assert benchbench("models") == 0
    assert "SqueezeBERT" in capsys.readouterr().out


def test_tasks_lists_the_tasks_and_which_are_synthetic(capsys):
    listed = {row["task"]: row for row in rows(capsys, "tasks")}
    assert list(listed) == list(TASKS)
    assert listed["rte"]["data"] == "real"
    assert listed["rte-synthetic"]["data"] == "synthetic"
    assert listed["mrpc"]["metrics"] == "f1, accuracy"


def test_targets_says_which_run_here(capsys):
    listed = {row["target"]: row["available"] for row in rows(capsys, "targets")}
    assert listed["torch-cpu"] == "yes"
    assert listed["torch-mps"].startswith("no: ") or listed["torch-mps"] == "yes"


def test_doctor_says_what_this_machine_is_and_can(capsys):
    facts = rows(capsys, "doctor")
    assert facts["cpu_model"]
    assert facts["versions"]["torch"].startswith("2.")
    assert facts["gemm_peak_fp32"].endswith(" GFLOP/s")
    assert float(facts["memory_bandwidth"].removesuffix(" GB/s")) > 0
    assert facts["targets"]["torch-cpu"] == "available"


def test_flops_of_a_model_are_counted_three_ways_that_agree(capsys):
    found = rows(capsys, "flops", "distilbert")
    assert (found["parameters"], found["flops"]) == (66_955_010, 11_174_808_576)
    assert found["agree"]
    assert set(found["counters"].values()) == {11_174_808_576}
    assert benchbench("flops", "bert-tiny", "--batch-size", 2, "--sequence-length", 16) == 0
    assert "Three counters agree." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"), [(("distilbrt",), "distilbert"), (("bert-tiny", "--sequence-length", "513"), "512")]
)
def test_flops_of_what_there_is_not_end_with_code_2(capsys, arguments, said):
    assert benchbench("flops", *arguments) == 2
    assert said in capsys.readouterr().err
