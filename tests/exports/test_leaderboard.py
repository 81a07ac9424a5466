"""From a suite that asks for test predictions to the zip for the GLUE leaderboard."""

import zipfile

import pytest
from leaderboard_run import complete

from benchbench.cli import main
from benchbench.errors import InputError
from benchbench.exports.leaderboard import collect
from benchbench.records import REFERENCE
from benchbench.runs.folder import Run
from benchbench.runs.predictions import read
from benchbench.tasks.glue import submission

SUITE = """\
name: wnli-only
title: One task of GLUE with its test split
quality:
  - models: [squeezebert-tiny]
    tasks: [wnli]
    weights: random
    data: local:DATA
    predict_test: true
    training: {epochs: 1, batch_size: 16, evaluations: 1}
"""
PAIRS = [("the cup fell because it was light", "the cup was light"), ("he saw her when he came", "she came")]


def call(*arguments):
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return stopped.value.code


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "glue"
    (folder / "WNLI").mkdir(parents=True)
    rows = [f"{n}\t{a} {n}\t{b}\t{n % 2}" for n in range(32) for a, b in [PAIRS[n % 2]]]
    for name in ("train", "dev"):
        (folder / "WNLI" / f"{name}.tsv").write_text("\n".join(["index\tsentence1\tsentence2\tlabel", *rows]) + "\n")
    unlabelled = [row.rpartition("\t")[0] for row in rows[:5]]
    (folder / "WNLI" / "test.tsv").write_text("\n".join(["index\tsentence1\tsentence2", *unlabelled]) + "\n")
    return folder


@pytest.fixture(scope="module")
def finished(data, tmp_path_factory):
    suite = tmp_path_factory.mktemp("suite") / "wnli.yaml"
    suite.write_text(SUITE.replace("DATA", str(data)))
    out = suite.parent / "run"
    assert call("run", suite, "--out", out, "--no-report") == 0
    return out


def test_a_run_keeps_its_test_predictions_beside_the_record_that_has_their_hash(finished):
    run = Run.open(finished)
    (record,) = run.records
    assert record.predictions.test == {"wnli": {"test": 5}}
    evaluated, tested = read(record, run.predictions_path(record.cell))
    assert evaluated.truth is not None
    assert (tested.truth, len(tested.given[REFERENCE])) == (None, 5)
    assert set(tested.given[REFERENCE]) <= {0, 1}


def test_an_incomplete_run_says_in_one_line_which_tasks_are_missing_and_leaves_no_zip(finished, capsys):
    before = set(finished.parent.rglob("*"))
    assert call("submission", finished) == 2
    error = capsys.readouterr().err
    assert "CoLA.tsv, SST-2.tsv" in error
    assert "WNLI" not in error
    assert set(finished.parent.rglob("*")) == before


def test_a_missing_test_file_is_found_before_anything_runs(data, tmp_path, capsys):
    (tmp_path / "glue").mkdir()
    (tmp_path / "glue" / "WNLI").mkdir()
    for name in ("train.tsv", "dev.tsv"):
        (tmp_path / "glue" / "WNLI" / name).write_bytes((data / "WNLI" / name).read_bytes())
    (tmp_path / "suite.yaml").write_text(SUITE.replace("DATA", str(tmp_path / "glue")))
    assert call("run", tmp_path / "suite.yaml", "--out", tmp_path / "run") == 2
    assert "test.tsv" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_task_without_a_test_split_is_refused_in_one_line(tmp_path, capsys):
    text = SUITE.replace("[wnli]", "[sst2-synthetic]").replace("local:DATA", "synthetic")
    (tmp_path / "suite.yaml").write_text(text)
    assert call("run", tmp_path / "suite.yaml", "--out", tmp_path / "run") == 2
    assert "sst2-synthetic has no test split" in capsys.readouterr().err


def test_a_complete_run_gives_a_zip_that_passes_the_checker_with_each_tasks_best_seed(tmp_path, capsys):
    complete(tmp_path / "run")
    assert call("submission", tmp_path / "run") == 0
    submission.check(tmp_path / "run-submission.zip")
    with zipfile.ZipFile(tmp_path / "run-submission.zip") as archive:
        rows = {name: archive.read(name).decode().splitlines() for name in archive.namelist()}
    assert [len(rows[file.name]) - 1 for file in submission.FILES] == [file.rows for file in submission.FILES]
    assert rows["RTE.tsv"][1] == "0\tnot_entailment"  # class 1: seed 1 scored better
    assert rows["AX.tsv"][1] == "0\tneutral"


def test_of_several_models_one_has_to_be_chosen(tmp_path):
    run = complete(tmp_path / "run", models=("squeezebert", "bert-base"), scores=(0.6,))
    with pytest.raises(InputError, match="squeezebert, bert-base; choose one with --model"):
        collect(run)
    assert collect(run, "bert-base")[0] == "bert-base"
    with pytest.raises(InputError, match="bert-bse"):
        collect(run, "bert-bse")


def test_predictions_that_were_changed_or_lost_are_refused(tmp_path):
    run = complete(tmp_path / "run", scores=(0.6,))
    path = run.predictions_path(run.records[0].cell)
    path.write_bytes(path.read_bytes().replace(b"PAR1", b"PAR2", 1))
    with pytest.raises(InputError, match="does not match the hash"):
        collect(run)
    path.unlink()
    with pytest.raises(InputError, match="cannot read"):
        collect(run)
