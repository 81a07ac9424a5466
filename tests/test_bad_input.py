"""Every mistake on the command line is one line that says what, where and what to do; nothing is written."""

import os

import pytest
from command_line import benchbench

from benchbench.cli import main

GLUE_RTE = ("index\tsentence1\tsentence2\tlabel", "0\tA man sleeps.\tA man is awake.\tnot_entailment")


def fails(capsys, *arguments):
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    captured = capsys.readouterr()
    assert stopped.value.code == 2
    lines = captured.err.strip().splitlines()
    assert len(lines) == 1, captured.err
    return lines[0]


@pytest.fixture(autouse=True)
def nothing_written(tmp_path, monkeypatch):
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    yield
    assert list(work.iterdir()) == []


@pytest.fixture
def glue(tmp_path):
    folder = tmp_path / "glue" / "RTE"
    folder.mkdir(parents=True)
    for name in ("train.tsv", "dev.tsv"):
        (folder / name).write_text("\n".join(GLUE_RTE) + "\n")
    return tmp_path / "glue"


@pytest.mark.parametrize(
    ("arguments", "nearest"),
    [
        (["quik"], "quick"),
        (["quick", "--models", "squeezbert"], "squeezebert"),
        (["quick", "--tasks", "sst2-synthetik"], "sst2-synthetic"),
        (["quick", "--targets", "torch-cpuu"], "torch-cpu"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(capsys, arguments, nearest):
    assert nearest in fails(capsys, "run", *arguments)


def test_malformed_yaml_is_told_with_file_and_line(capsys, tmp_path):
    suite = tmp_path / "mine.yaml"
    suite.write_text("name: mine\ntitle: [unclosed\n")
    assert "mine.yaml, line 3" in fails(capsys, "run", str(suite))


WHOLE = """\
name: mine
title: Mine
quality:
  - models: [squeezebert-tiny]
    tasks: [rte-synthetic]
    weights: random
    data: synthetic
    per_task:
      rte-synthetic: {epochs: 2}
efficiency:
  - models: [squeezebert-tiny]
    targets: [torch-cpu]
    processes: 2
    batch_sizes: [1]
    sequence_lengths: [128]
"""


@pytest.mark.parametrize(
    ("right", "wrong", "line", "key"),
    [
        ("processes: 2", "processes: 0", 13, "efficiency.0.processes"),
        ("processes: 2", "processes: 51", 13, "efficiency.0.processes"),
        ("batch_sizes: [1]", "batch_sizes: [0]", 14, "efficiency.0.batch_sizes.0"),
        ("sequence_lengths: [128]", "sequence_lengths: [200000]", 15, "efficiency.0.sequence_lengths.0"),
        ("sequence_lengths: [128]", "scenarios: {server: {seconds: 0}}", 15, "efficiency.0.scenarios.server.seconds"),
        ("{epochs: 2}", "{epochs: none}", 9, "quality.0.per_task.rte-synthetic.epochs"),
        ("{epochs: 2}", "\n        epochs: 2\n        rate: 1", 11, "quality.0.per_task.rte-synthetic.rate"),
        ("rte-synthetic: {", "rte-syntetic: {", 9, "quality.0.per_task.rte-syntetic: the block has no such task"),
        ("weights: random", "weights: 'local:'", 6, "quality.0.weights"),
        ("data: synthetic", "data: elsewhere", 7, "quality.0.data"),
    ],
)
def test_a_wrong_value_anywhere_in_a_suite_is_told_with_its_line_and_key(capsys, tmp_path, right, wrong, line, key):
    suite = tmp_path / "mine.yaml"
    suite.write_text(WHOLE.replace(right, wrong))
    assert f"{suite}, line {line}: {key}" in fails(capsys, "run", str(suite))


def test_more_tokens_than_a_model_takes(capsys, tmp_path):
    suite = tmp_path / "mine.yaml"
    suite.write_text(WHOLE.replace("[128]", "[100000]"))
    assert "squeezebert-tiny takes at most 512 tokens" in fails(capsys, "run", str(suite))


def test_more_tokens_than_one_of_the_models_takes_is_that_ones_absence(capsys, tmp_path):
    suite = tmp_path / "mine.yaml"
    block = "{models: [bert-tiny, ettin-17m], targets: [torch-cpu], sequence_lengths: [128, 7999]}"
    suite.write_text(f"name: mine\ntitle: mine\nefficiency:\n  - {block}\n")
    assert benchbench("run", str(suite), "--dry-run") == 0
    assert "2 models on torch-cpu" in capsys.readouterr().out
    suite.write_text(suite.read_text().replace("7999", "8000"))
    assert "ettin-17m takes at most 7999 tokens, and the suite asks for 8000" in fails(capsys, "run", str(suite))


@pytest.mark.parametrize(
    ("option", "value"), [("--weights", "local:"), ("--data", "random"), ("--models", "x" * 5000), ("--budget", "0s")]
)
def test_a_choice_on_the_command_line_that_makes_no_sense(capsys, option, value):
    assert option.removeprefix("--") in fails(capsys, "run", "quick", option, value)


@pytest.mark.parametrize("teacher", ["local:teachers", "local:~/teachers", "./teachers"])
def test_a_teacher_that_is_not_there(capsys, tmp_path, teacher):
    suite = tmp_path / "mine.yaml"
    training = f'    training: {{distillation: {{teacher: "{teacher}"}}}}\n'
    suite.write_text(WHOLE.replace("    per_task:", training + "    per_task:"))
    assert "teachers" in (message := fails(capsys, "run", str(suite)))
    assert "no file or folder /" in message


def test_a_frozen_encoder_for_labels_of_tokens_or_with_a_teacher(capsys, tmp_path):
    suite = tmp_path / "mine.yaml"
    frozen = WHOLE.replace("{epochs: 2}", "{encoder: frozen}")
    suite.write_text(frozen.replace("rte-synthetic", "conll2003-synthetic"))
    assert "conll2003-synthetic is token-classification" in fails(capsys, "run", str(suite))
    suite.write_text(frozen.replace("encoder: frozen", "encoder: frozen, distillation: {teacher: bert-base}"))
    assert f"{suite}, line 9: quality.0.per_task.rte-synthetic.distillation: " in fails(capsys, "run", str(suite))


def test_a_teacher_of_another_task(capsys, tmp_path):
    from benchbench.models.loading import build
    from benchbench.models.source import ModelSource

    build(ModelSource("bert-tiny", num_labels=3)).save_pretrained(tmp_path / "teachers" / "rte-synthetic")
    capsys.readouterr()
    suite = tmp_path / "mine.yaml"
    training = f'    training: {{distillation: {{teacher: "local:{tmp_path}/teachers"}}}}\n'
    suite.write_text(WHOLE.replace("    per_task:", training + "    per_task:"))
    assert "is no classifier with 2 labels" in fails(capsys, "run", str(suite))


def test_a_target_file_that_is_not_there(capsys, tmp_path):
    assert "no file or folder" in fails(capsys, "run", "quick", "--targets", str(tmp_path / "none.yaml"))


def test_a_budget_that_is_no_duration(capsys):
    assert "write it as 6m" in fails(capsys, "run", "quick", "--budget", "soon")


def test_a_missing_data_folder(capsys, tmp_path):
    arguments = ("run", "glue", "--tasks", "rte", "--models", "squeezebert", "--weights", "random")
    assert "nowhere" in fails(capsys, *arguments, "--data", f"local:{tmp_path}/nowhere")


def test_a_row_with_too_few_columns_is_told_with_file_and_line(capsys, glue):
    with (glue / "RTE" / "dev.tsv").open("a") as file:
        file.write("1\tonly one sentence\n")
    arguments = ("run", "glue", "--tasks", "rte", "--models", "squeezebert", "--weights", "random")
    message = fails(capsys, *arguments, "--data", f"local:{glue}")
    assert "dev.tsv" in message
    assert "line 3" in message


def test_a_checkpoint_folder_without_weights(capsys, glue, tmp_path):
    empty = tmp_path / "checkpoint"
    empty.mkdir()
    (empty / "config.json").write_text('{"model_type": "squeezebert"}')
    arguments = ("run", "glue", "--tasks", "rte", "--models", "squeezebert", "--data", f"local:{glue}")
    assert "checkpoint" in fails(capsys, *arguments, "--weights", f"local:{empty}")


def test_an_output_folder_that_is_a_file(capsys, tmp_path):
    file = tmp_path / "file"
    file.write_text("mine")
    assert "is a file" in fails(capsys, "run", "quick", "--out", str(file))
    assert file.read_text() == "mine"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions do not bind this user")
def test_an_output_folder_that_cannot_be_written(capsys, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    assert "cannot write" in fails(capsys, "run", "quick", "--out", str(closed / "run"))


def test_a_folder_that_is_no_run(capsys, tmp_path):
    assert "not a run folder" in fails(capsys, "report", str(tmp_path))


@pytest.mark.parametrize("model", ["./nowhere/m", "/data/typo", "~/ckpt", "../typo", "no/such/folder", "~/ckpt/"])
@pytest.mark.parametrize(
    "command",
    [
        ("flops", "MODEL"),
        ("speedup", "bert-tiny", "MODEL"),
        ("targets", "check", "torch-cpu", "--model", "MODEL"),
        ("run", "glue", "--tasks", "rte", "--data", "local:GLUE", "--targets", "torch-cpu", "--models", "MODEL"),
    ],
    ids=lambda command: command[0],
)
def test_a_mistyped_folder(capsys, glue, monkeypatch, command, model):
    monkeypatch.setenv("HOME", str(glue))
    said = fails(capsys, *(word.replace("MODEL", model).replace("GLUE", str(glue)) for word in command))
    assert "no folder" in said or "no file or folder" in said
    assert model.strip("./~") in said
    assert "~" not in said


def test_what_is_neither_a_folder_nor_an_id(capsys):
    assert "is no folder, and no id on the hub" in fails(capsys, "speedup", "bert-tiny", "org/my model")


@pytest.mark.parametrize(
    "block",
    [
        "quality: [{models: [MODEL], tasks: [sst2-synthetic], data: synthetic, weights: WEIGHTS, training: TRAINING}]",
        "efficiency: [{models: [MODEL], targets: [torch-cpu], sequence_lengths: [31]}]",
    ],
    ids=["quality", "efficiency"],
)
@pytest.mark.parametrize(("named", "usable"), [("bert", 32), ("roberta", 30)])
def test_a_model_with_fewer_positions_than_the_suite_asks_for(capsys, tmp_path, block, named, usable):
    from tiny_checkpoints import TINY, tokenizer
    from transformers import AutoConfig, AutoModel

    folder = tmp_path / named
    AutoModel.from_config(AutoConfig.for_model(named, **TINY)).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    capsys.readouterr()
    suite = tmp_path / "mine.yaml"
    text = block.replace("MODEL", str(folder)).replace("31]", f"{usable + 1}]").replace("WEIGHTS", "hub")
    suite.write_text(f"name: mine\ntitle: Mine\n{text}\n".replace("TRAINING", f"{{max_length: {usable + 1}}}"))
    said = fails(capsys, "run", str(suite))
    assert f"{named} takes at most {usable} tokens, and the suite asks for {usable + 1}" in said
