import json

import pytest
from tiny_checkpoints import save

from benchbench.cli import main


def speedup(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        main(["speedup", *arguments, "--processes", "2", "--seconds", "2", "--sequence-length", "32", "--json"])
    out, err = capsys.readouterr()
    return stopped.value.code, json.loads(out) if out else err


def test_a_smaller_model_is_faster_and_the_interval_holds_the_ratio(capsys):
    code, found = speedup(capsys, "minilm-l6", "bert-tiny", "--target", "onnxruntime-cpu")
    assert code == 0
    assert found.keys() >= {"baseline", "candidate", "ratio", "ci_low", "ci_high", "processes", "rounds"}
    if found["ci_low"] is not None:  # so much may run beside it that there is no interval to tell
        assert found["ci_low"] <= found["ratio"] <= found["ci_high"]
    assert found["ratio"] > 2  # 6 layers, 384 wide, against 2 layers, 128 wide
    assert found["processes"] == 2
    assert found["rounds"] >= 4


def test_the_same_model_on_two_targets(capsys):
    targets = ("--target", "onnxruntime-cpu", "--candidate-target", "openvino-cpu")
    code, found = speedup(capsys, "bert-tiny", "bert-tiny", *targets)
    assert code == 0
    assert (found["target"], found["candidate_target"]) == ("onnxruntime-cpu", "openvino-cpu")


def test_two_folders_of_one_name_are_told_apart(capsys, tmp_path):
    for name in ("a", "b"):
        save(tmp_path / name / "checkpoint-500")
    code, found = speedup(capsys, str(tmp_path / "a" / "checkpoint-500"), str(tmp_path / "b" / "checkpoint-500"))
    assert code == 0
    assert (found["baseline"], found["candidate"]) == ("a/checkpoint-500", "b/checkpoint-500")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bert-tiny", "bert-tinny"), "bert-tiny"),
        (("bert-tiny", "bert-tiny", "--target", "torch-gpu"), "torch-cpu"),
        (("bert-tiny", "bert-tiny", "--target", "torch-mps"), "not available"),
    ],
)
def test_a_question_that_cannot_be_answered_is_one_line(capsys, arguments, said):
    code, err = speedup(capsys, *arguments)
    assert code == 2
    assert said in err
    assert len(err.strip().splitlines()) == 1
