"""A plan's estimate: more work takes longer, more cores less, and seconds that were asked for are in it."""

import json
from dataclasses import replace

import pytest

from benchbench.execution.bench import Request, prepare
from benchbench.execution.estimate import Hardware, expected
from benchbench.suites.schema import EfficiencyParameters, QualityParameters
from benchbench.suites.selection import Selection

KERNEL_SECONDS = 8


def quality(cores=2, model="squeezebert", examples=5000, **training):
    return expected(QualityParameters(model=model, task="rte", training=training), Hardware(cores), examples).seconds


def efficiency(models=("squeezebert",), **more):
    return expected(EfficiencyParameters(target="torch-cpu", models=models, **more), Hardware(2)).seconds


def planned(folder, text):
    """Seconds of the cells of a suite, by model and task."""
    (folder / "s.yaml").write_text(f"name: s\ntitle: s\n{text}")
    preparation = prepare(Request(str(folder / "s.yaml"), Selection()))
    return {(c.parameters.model.name, c.parameters.task): preparation.expected(c).seconds for c in preparation.cells}


def test_more_epochs_a_larger_task_and_a_larger_model_take_longer():
    assert quality(epochs=6) > 1.8 * quality(epochs=3)
    assert quality(examples=400_000) > 50 * quality(examples=2500)
    assert quality(model="bert-base") > quality(model="minilm-l6") > quality(model="squeezebert-tiny")


def test_a_model_of_half_the_layers_takes_half_as_long():
    whole, half = (quality(model=name) - KERNEL_SECONDS for name in ("bert-base", "distilbert"))
    assert half == pytest.approx(whole / 2, rel=0.1)


def test_more_cores_take_less_time():
    assert quality(cores=8) < quality(cores=2) / 2


def test_fewer_examples_and_shorter_ones_take_less_time():
    assert quality(examples=400_000) > 10 * _only(1000, of=400_000)
    assert quality(max_length=8) < quality(max_length=64) / 2
    assert quality(max_length=256, padding="max_length") > 2 * quality(max_length=256)


def _only(few, of):
    parameters = QualityParameters(model="squeezebert", task="rte", training={"examples": few})
    return expected(parameters, Hardware(2), of).seconds


def test_the_setting_examples_bounds_what_is_seen_and_does_not_add_to_it():
    assert _only(1000, of=400_000) == _only(1000, of=1000) == _only(9_000, of=1000)


def test_a_plan_counts_the_examples_of_tables_twins_and_local_folders(tmp_path):
    rows = [f"text {n},{'ab'[n % 2]}" for n in range(4000)]
    for name, lines in (("small.csv", rows[:40]), ("large.csv", rows)):
        (tmp_path / name).write_text("\n".join(("text,label", *lines)) + "\n")
    (tmp_path / "RTE").mkdir()
    header = "index\tsentence1\tsentence2\tlabel"
    for name in ("train.tsv", "dev.tsv"):
        (tmp_path / "RTE" / name).write_text(f"{header}\n0\ta\tb\tentailment\n1\ta\tb\tnot_entailment\n")
    found = planned(
        tmp_path,
        f"""
tasks: {{small: {{path: small.csv}}, large: {{path: large.csv}}}}
quality:
  - {{models: [bert-base], tasks: [small, large], weights: random}}
  - {{models: [bert-base], tasks: [rte], weights: random, data: "local:{tmp_path}"}}
  - {{models: [bert-tiny], tasks: [sst2-synthetic, rte-synthetic], weights: random, data: synthetic}}
""",
    )
    seen = {task: seconds - KERNEL_SECONDS for (_, task), seconds in found.items()}
    assert seen["large"] == pytest.approx(100 * seen["small"])
    assert seen["rte"] < seen["large"] / 3  # two examples to train on, and as many to evaluate as the task has
    assert seen["sst2-synthetic"] > 1.2 * seen["rte-synthetic"]


@pytest.mark.parametrize(
    ("config", "layers"),
    [
        ({"model_type": "distilbert", "dim": 768, "n_layers": 3, "hidden_dim": 3072}, 3),
        ({"model_type": "distilbert"}, 6),
        ({"model_type": "bert", "num_hidden_layers": 24}, 24),
        ({"model_type": "of-tomorrow", "d_model": 768, "num_hidden_layers": 2}, 2),
    ],
)
def test_a_folders_configuration_says_how_large_its_model_is(tmp_path, config, layers):
    (tmp_path / "config.json").write_text(json.dumps(config))
    whole, own = (quality(model=name) - KERNEL_SECONDS for name in ("bert-base", str(tmp_path)))
    assert own == pytest.approx(whole * layers / 12, rel=0.1)


def test_the_budget_and_each_model_add_their_seconds():
    assert efficiency(budget_seconds=100) - efficiency(budget_seconds=40) == pytest.approx(60)
    assert efficiency(models=("squeezebert", "bert-base")) > efficiency()
    assert efficiency(models=("bert-base",)) > efficiency(models=("distilbert",)) > efficiency(models=("bert-tiny",))


def test_a_server_and_the_search_for_the_largest_batch_take_time_for_each_model():
    served = {"server": {"p99_ms": 100, "seconds": 60}}
    one, two = (efficiency(names, scenarios=served) - efficiency(names) for names in (("a/b",), ("a/b", "c/d")))
    assert (one, two) == pytest.approx((60, 120))
    assert efficiency(scenarios={"largest_batch": {"memory_limit": "1GB"}}) > efficiency()


def test_texts_too_long_for_the_budget_take_longer_where_a_model_takes_them():
    short, long = ({"budget_seconds": 2, "sequence_lengths": lengths} for lengths in ((128,), (128, 7000)))
    assert efficiency(models=("ettin-17m",), **long) > efficiency(models=("ettin-17m",), **short) + 5
    assert efficiency(models=("bert-base",), **long) == efficiency(models=("bert-base",), **short)
    mixed = {"mixed_lengths": {"examples": 200}}
    assert efficiency(budget_seconds=2, scenarios=mixed) > efficiency(budget_seconds=2) + 5


def test_a_gpu_trains_in_a_fraction_of_the_time():
    parameters = QualityParameters(model="squeezebert", task="rte", training={"epochs": 3})
    on_gpu, on_two_cores = (expected(parameters, Hardware(2, gpu), 60_000) for gpu in (True, False))
    assert on_two_cores.seconds > 5 * on_gpu.seconds


def test_a_gpu_that_pytorch_cannot_use_does_not_train(tmp_path, monkeypatch):
    import torch
    from light_run import preparation

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    plain = preparation(tmp_path / "out")
    beside = replace(plain, machine=replace(plain.machine, gpus=("A GPU",)))
    assert [beside.expected(cell) for cell in beside.cells] == [plain.expected(cell) for cell in plain.cells]


def test_a_query_on_a_gpu_does_not_wait_for_the_cpu():
    cpu, gpu = (
        expected(
            QualityParameters(model="bert-base", task="mnli", training=None, deploy=[target]), Hardware(2), 400_000
        ).seconds
        for target in ("torch-cpu", "torch-cuda")
    )
    assert cpu > 1.5 * gpu


def test_a_target_that_cannot_run_here_takes_no_time_to_measure():
    here = Hardware(2, unavailable=("torch-cuda",))
    cell = EfficiencyParameters(target="torch-cuda", models=("squeezebert",), budget_seconds=100)
    assert expected(cell, here).seconds == KERNEL_SECONDS < expected(cell, Hardware(2)).seconds
    alone, deployed = (
        expected(QualityParameters(model="bert-tiny", task="rte", deploy={"targets": targets, "seconds": 1}), here)
        for targets in (["torch-cuda"], ["torch-cuda", "torch-cpu"])
    )
    assert alone.seconds < 45 < deployed.seconds


def test_ways_to_share_the_cores_are_counted_with_their_rounds():
    def extra(**settings):
        return efficiency(scenarios={"instances": settings}) - efficiency()

    assert extra(rounds=6) > 2 * extra(rounds=2, energy=False)
    assert extra(partitions=["1x2", "2x1"]) == extra()
    assert extra(seconds=10, rounds=6) > 2 * 2 * 10 * 6
