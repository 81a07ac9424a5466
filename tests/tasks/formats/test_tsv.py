"""What the files of the official GLUE zips mean, and what is said about a file that does not fit."""

import re

import numpy
import pytest
from scored import classified

from benchbench import places
from benchbench.errors import InputError
from benchbench.tasks import registry, sources

RTE = (
    "index\tsentence1\tsentence2\tlabel\n"
    "0\tIt rains.\tIt is wet.\tentailment\n"
    "1\tIt snows.\tIt is hot.\tnot_entailment\n"
)


@pytest.fixture
def put(tmp_path):
    def write(folder, train, dev=None, files=("train.tsv", "dev.tsv")):
        place = tmp_path / "glue" / folder
        place.mkdir(parents=True, exist_ok=True)
        for name in files:
            content = train if name == "train.tsv" or dev is None else dev
            (place / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return places.local(tmp_path / "glue")

    return write


def read(task, source):
    sources.check(registry.find(task), source)
    return sources.load(registry.find(task), source)


def test_labels_are_numbers_in_the_order_of_the_catalogue_and_origins_name_no_path(put):
    data = read("rte", put("RTE", RTE))
    assert data.train["label"][:] == [0, 1]
    assert data.train["text"][:] == ["It rains.", "It snows."]
    assert data.train["text_pair"][:] == ["It is wet.", "It is hot."]
    assert list(data.evaluation) == ["validation"]
    assert data.origin == "local:glue/RTE"


def test_cola_has_no_header(put):
    data = read("cola", put("CoLA", "gj04\t1\t\tShe left.\ngj04\t0\t*\tLeft she has.\n"))
    assert data.train["text"][:] == ["She left.", "Left she has."]
    assert data.train["label"][:] == [1, 0]


def test_cola_test_files_have_a_header_and_other_columns(put):
    source = put("CoLA", "index\tsentence\n0\tShe left.\n", files=("test.tsv",))
    assert sources.load_test(registry.find("cola"), source)["test"]["text"][:] == ["She left."]


def test_quotation_marks_are_part_of_the_text(put):
    header = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n"
    rows = '1\t1\t2\t" He came .\tHe " came .\n0\t3\t4\tone\ttwo\n'
    mrpc = read("mrpc", put("MRPC", b"\xef\xbb\xbf" + (header + rows).encode()))
    assert mrpc.train["text"][:] == ['" He came .', "one"]
    stsb_header = "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n"
    stsb = read("stsb", put("STS-B", stsb_header + '0\tg\tf\t2012\t1\tn\tn\t"Hi\tHi"\t4.250\n'))
    assert (stsb.train["text"][0], stsb.train["text_pair"][0], stsb.train["label"][0]) == ('"Hi', 'Hi"', 4.25)


def test_windows_line_ends_change_nothing(put):
    assert read("rte", put("RTE", RTE.replace("\n", "\r\n"))).train["label"][:] == [0, 1]


def test_mnli_has_two_evaluation_splits(put):
    text = "index\tsentence1\tsentence2\tgold_label\n0\ta\tb\tneutral\n"
    source = put("MNLI", text, files=("train.tsv", "dev_matched.tsv", "dev_mismatched.tsv"))
    put("MNLI", "index\tsentence1\tsentence2\n0\ta\tb\n", files=("test_matched.tsv", "test_mismatched.tsv"))
    assert list(read("mnli", source).evaluation) == ["matched", "mismatched"]
    assert list(sources.load_test(registry.find("mnli"), source)) == ["matched", "mismatched"]


def test_rows_that_the_official_qqp_cuts_are_left_out_but_longer_ones_are_errors(put):
    header = "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n"
    data = read("qqp", put("QQP", header + "1\t1\t2\tWhy?\tHow?\t0\n2\t3\t4\tcut off\n"))
    assert data.train["label"][:] == [0]
    with pytest.raises(InputError, match="line 2: 7 columns instead of 6"):
        read("qqp", put("QQP", header + "1\t1\t2\tWhy?\tHow?\t0\tmore\n"))


def test_ax_is_evaluated_alone_with_the_training_examples_of_mnli(put):
    put("MNLI", "index\tsentence1\tsentence2\tgold_label\n0\ta\tb\tneutral\n", files=("train.tsv",))
    source = put(
        "diagnostic", "Logic\tPremise\tHypothesis\tLabel\nx\tp\th\tcontradiction\n", files=("diagnostic-full.tsv",)
    )
    data = read("ax", source)
    assert data.train["label"][:] == [1]
    assert data.evaluation["validation"]["label"][:] == [2]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (RTE + "2\tonly two\n", "train.tsv, line 4: 2 columns instead of 4"),
        (RTE + "2\ta\tb\tmaybe\n", "train.tsv, line 4: unknown label 'maybe'; known: entailment, not_entailment"),
        (RTE.encode() + b"2\t\xff\tb\tentailment\n", "train.tsv, line 4: not UTF-8"),
        (RTE + "2\t" + "x" * 2_000_000 + "\tb\tentailment\n", "train.tsv, line 4: .* characters are too long"),
        (RTE.replace("sentence1", "premise"), "train.tsv, line 1: no column 'sentence1' among index, premise"),
        ("index\tsentence1\tsentence2\tlabel\n", "train.tsv: no rows"),
        ("", "train.tsv, line 1: no column 'sentence1'"),
    ],
)
def test_a_row_that_does_not_fit_is_named_by_file_and_line(put, bad, message):
    source = put("RTE", bad, RTE)
    with pytest.raises(InputError, match=message) as caught:
        read("rte", source)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("score", ["nan", "inf", "-Infinity", "", "high"])
@pytest.mark.parametrize("file", ["train.tsv", "dev.tsv"])
def test_a_score_that_is_no_number_is_named_by_file_and_line(put, score, file):
    header = "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n"
    good = header + "".join(f"{n}\tg\tf\t2012\t1\tn\tn\tone\ttwo\t{n}.5\n" for n in range(3))
    put("STS-B", good)
    source = put("STS-B", good.replace("1.5", score), files=(file,))
    with pytest.raises(InputError, match=f"{file}, line 3: the score '{score}' is not a number"):
        read("stsb", source)


@pytest.mark.parametrize(
    ("task", "folder", "header", "row"),
    [
        ("mrpc", "MRPC", "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String", "{label}\t1\t2\tone\ttwo"),
        ("qqp", "QQP", "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate", "1\t2\t3\tone\ttwo\t{label}"),
    ],
)
def test_f1_of_glue_is_that_of_the_pairs_that_mean_the_same(put, task, folder, header, row):
    rows = [header, *(row.format(label=label) for label in (1, 0, 0, 0))]
    read_task = read(task, put(folder, "\n".join(rows) + "\n"))
    truth = read_task.train["label"][:]
    assert read_task.task.labels[read_task.task.positive] in ("equivalent", "duplicate")
    never = classified(read_task.task, numpy.tile([1.0, 0.0], (4, 1)), truth).scores()
    assert never == {"f1": 0.0, "accuracy": 0.75}


def test_a_missing_file_or_folder_is_named(put, tmp_path):
    with pytest.raises(InputError, match=re.escape("dev.tsv")):
        read("rte", put("RTE", RTE, files=("train.tsv",)))
    with pytest.raises(InputError, match="the folder does not exist"):
        read("rte", places.local(tmp_path / "nowhere"))


def test_the_fingerprint_is_of_the_content(put):
    first = read("rte", put("RTE", RTE)).fingerprint
    assert read("rte", put("RTE", RTE.replace("\n", "\r\n"))).fingerprint == first
    assert read("rte", put("RTE", RTE, RTE.replace("hot", "cold"))).fingerprint != first
