"""Two models, targets or weights of one run on the same examples, and the examples that flip."""

from __future__ import annotations

import example_runs as example
import pytest

from benchbench.errors import InputError
from benchbench.report.evaluations.flipped import flipped
from benchbench.report.side_by_side import side_by_side
from benchbench.report.tables.differences import contrasts_table, flips_table
from benchbench.tasks import registry, synthetic

TASK = "sst2-synthetic"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    records = [
        example.system_record(model, "mine", right, {"cpu": 0, "onnxruntime-cpu-int8": wrong}, seed=seed)
        for model, right, wrong in (("squeezebert", 0.8, 30), ("bert-base", 0.9, 0))
        for seed in (0, 1)
    ]
    return example.write_run(tmp_path_factory.mktemp("sides") / "run", records)


def test_two_targets_are_compared_training_by_training(run):
    found = side_by_side(run, "fp32", "onnxruntime-cpu-int8")
    changes = {contrast.what.partition(",")[0]: contrast for contrast in found.contrasts}

    assert changes["squeezebert"].change.change.value == pytest.approx(-0.05)
    assert changes["squeezebert"].significant
    assert changes["bert-base"].change.p_value == 1.0
    assert not changes["bert-base"].significant


def test_two_models_are_compared_on_each_target_that_both_have(run):
    found = side_by_side(run, "squeezebert", "bert-base")

    assert {contrast.what.rpartition("on ")[2] for contrast in found.contrasts} == {
        "fp32",
        "cpu",
        "onnxruntime-cpu-int8",
    }
    rows = contrasts_table(found).rows
    assert {row[-1].text for row in rows} == {"bert-base is better"}


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (("squeezebert", "squeezebart"), "did you mean squeezebert"),
        (("squeezebert", "cpu"), "two models, two targets"),
        (("cpu", "cpu"), "two models, two targets"),
    ],
)
def test_names_that_are_no_two_sides_are_one_line(run, names, says):
    with pytest.raises(InputError, match=says):
        side_by_side(run, *names)


def test_a_run_without_answers_has_no_sides(make_run):
    with pytest.raises(InputError, match="none in this run"):
        side_by_side(make_run([example.quality_record("squeezebert", "mine", 0.8)]), "squeezebert", "bert-base")


def test_examples_that_flip_have_their_number_and_answers(run):
    pairs = side_by_side(run, "fp32", "onnxruntime-cpu-int8").pairs
    what, pair = next((what, pair) for what, pair in pairs.items() if what.startswith("squeezebert"))
    shown = flipped(pair, 20)

    assert len(shown) == 20
    assert all(flip.before == flip.truth != flip.after for flip in shown)
    assert {flip.before for flip in shown} <= {"no", "yes"}
    assert flips_table(what, "fp32", "onnxruntime-cpu-int8", shown).rows[0][0].text == str(shown[0].number)


def test_the_text_of_a_synthetic_task_is_shown(make_run):
    data = synthetic.generate(registry.find(TASK)).evaluation["validation"]
    run = make_run([example.system_record("squeezebert", TASK, 0.8, {"onnxruntime-cpu-int8": 5}, examples=len(data))])
    (pair,) = side_by_side(run, "fp32", "onnxruntime-cpu-int8").pairs.values()
    first = flipped(pair, 1)[0]

    assert first.text.rstrip("…") in data["text"][first.number - 1]
    assert len(first.text) > 10
