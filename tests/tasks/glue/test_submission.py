"""The zip for the leaderboard: complete, in the leaderboard's words, and refused when it is not."""

import zipfile

import numpy
import pytest

from benchbench.errors import InputError
from benchbench.tasks import registry
from benchbench.tasks.glue import submission

COUNTS = (1063, 1821, 1725, 1379, 390965, 9796, 9847, 5463, 3000, 146, 1104)


@pytest.fixture(scope="module")
def predictions():
    rng = numpy.random.default_rng(0)
    return {
        (file.task, file.split): rng.integers(0, registry.find(file.task).num_labels, size=file.rows).tolist()
        if registry.find(file.task).labels
        else (9 * rng.random(file.rows) - 2).tolist()
        for file in submission.FILES
    }


@pytest.fixture(scope="module")
def whole(predictions, tmp_path_factory):
    path = tmp_path_factory.mktemp("submission") / "glue.zip"
    submission.write(predictions, path)
    return path


def lines(path, name):
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode().splitlines()


def changed(path, target, name, change):
    """A copy of the zip with one file changed by `change(lines)`, or left out where that gives None."""
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(target, "w") as after:
        for entry in before.namelist():
            rows = before.read(entry).decode().splitlines()
            kept = change(rows) if entry == name else rows
            if kept is not None:
                after.writestr(entry, "\n".join(kept))
    return target


def test_a_complete_submission_passes_its_checker_with_the_official_row_counts(whole):
    submission.check(whole)
    assert tuple(len(lines(whole, file.name)) - 1 for file in submission.FILES) == COUNTS


def test_labels_are_in_the_words_of_the_leaderboard(whole):
    def words(name):
        return {line.split("\t")[1] for line in lines(whole, name)[1:]}

    for name in ("CoLA.tsv", "SST-2.tsv", "MRPC.tsv", "QQP.tsv", "WNLI.tsv"):
        assert words(name) == {"0", "1"}
    for name in ("MNLI-m.tsv", "MNLI-mm.tsv", "AX.tsv"):
        assert words(name) == {"entailment", "neutral", "contradiction"}
    for name in ("QNLI.tsv", "RTE.tsv"):
        assert words(name) == {"entailment", "not_entailment"}
    assert all(0 <= float(word) <= 5 for word in words("STS-B.tsv"))
    assert lines(whole, "RTE.tsv")[0] == "index\tprediction"


def test_an_incomplete_run_writes_nothing(predictions, tmp_path):
    some = {key: value for key, value in predictions.items() if key[0] != "mnli"}
    with pytest.raises(InputError, match=r"MNLI-m\.tsv, MNLI-mm\.tsv"):
        submission.write(some, tmp_path / "glue.zip")
    short = {**predictions, ("rte", "test"): predictions["rte", "test"][:-1]}
    with pytest.raises(InputError, match=r"2999 rows for RTE\.tsv instead of 3000"):
        submission.write(short, tmp_path / "glue.zip")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("WNLI.tsv", lambda rows: None, r"WNLI\.tsv missing"),
        ("WNLI.tsv", lambda rows: rows[:-1], "145 rows for WNLI.tsv instead of 146"),
        ("WNLI.tsv", lambda rows: ["id\tlabel", *rows[1:]], "line 1: the header"),
        ("WNLI.tsv", lambda rows: [*rows[:3], "2\tentailment", *rows[4:]], "line 4: 'entailment' is no prediction"),
        ("RTE.tsv", lambda rows: [*rows[:3], "2\t0", *rows[4:]], "line 4: '0' is no prediction"),
        ("STS-B.tsv", lambda rows: [*rows[:3], "2\tnan", *rows[4:]], "line 4: 'nan' is no prediction"),
        ("AX.tsv", lambda rows: [*rows[:3], "7\tneutral", *rows[4:]], "line 4: index '7' instead of 2"),
    ],
)
def test_the_checker_names_the_fault(whole, tmp_path, name, change, message):
    with pytest.raises(InputError, match=message):
        submission.check(changed(whole, tmp_path / "bad.zip", name, change))


def test_what_is_no_zip_is_said_to_be_none(tmp_path):
    (tmp_path / "glue.zip").write_text("no zip")
    with pytest.raises(InputError, match="not a zip"):
        submission.check(tmp_path / "glue.zip")
