"""Evaluation examples that count twice, contradict one another or were seen in training are told."""

import pytest

from benchbench.tasks import custom
from benchbench.tasks.custom import CustomTask

TRAIN = ["it rains,wet", "it shines,dry", "it hails,wet", "a drought,dry"]
REPEATED = "1 of {} evaluation examples repeat another one, and count again"


@pytest.mark.parametrize(
    ("evaluation", "told"),
    [
        (["a storm,wet", "a desert,dry"], ()),
        (["a storm,wet", "a storm,wet", "a desert,dry"], (REPEATED.format(3),)),
        (
            ["a storm,wet", "a storm,dry"],
            (
                REPEATED.format(2),
                "1 of 2 evaluation examples repeat another one with another label, "
                "so that no model can be right about both",
            ),
        ),
        (["it rains,wet", "a desert,dry"], ("1 of 2 evaluation examples are training examples too",)),
    ],
)
def test_doubtful_evaluation_examples_are_counted(tmp_path, evaluation, told):
    for name, rows in (("train", TRAIN), ("dev", evaluation)):
        (tmp_path / f"{name}.csv").write_text("\n".join(("text,label", *rows)))
    given = {"path": str(tmp_path / "train.csv"), "evaluation": str(tmp_path / "dev.csv"), "metrics": ("accuracy",)}
    assert custom.load("weather", CustomTask.model_validate(given)).notes == told


def test_the_same_text_beside_another_is_another_example(tmp_path):
    rows = ["it rains,so what,wet", "it rains,oh no,wet", "it shines,so what,dry"]
    for name in ("train", "dev"):
        (tmp_path / f"{name}.csv").write_text("\n".join(("text,other,label", *rows)))
    given = {"path": str(tmp_path / "train.csv"), "evaluation": str(tmp_path / "dev.csv"), "text_pair": "other"}
    notes = custom.load("weather", CustomTask.model_validate(given | {"metrics": ("accuracy",)})).notes
    assert notes == ("3 of 3 evaluation examples are training examples too",)
