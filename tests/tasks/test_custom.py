"""A user's own files: what they may look like, how they are split, and what is said about rows that do not fit."""

import json

import pytest
from pydantic import ValidationError

from benchbench.errors import InputError
from benchbench.places import FOLDER
from benchbench.tasks.custom import CustomTask, load

ROWS = [{"text": f"message {n}", "label": "yes" if n % 2 else "no"} for n in range(20)]


def put(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def as_csv(rows=ROWS):
    return "text,label\n" + "".join(f'"{row["text"]}",{row["label"]}\n' for row in rows)


def as_tsv(rows=ROWS):
    return as_csv(rows).replace('"', "").replace(",", "\t")


def as_jsonl(rows=ROWS):
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture(params=["csv", "tsv", "jsonl", "parquet"])
def table(request, tmp_path):
    path = tmp_path / f"data.{request.param}"
    if request.param == "parquet":
        import pyarrow
        from pyarrow import parquet

        parquet.write_table(pyarrow.Table.from_pylist(ROWS), path)
        return str(path)
    return put(path, {"csv": as_csv, "tsv": as_tsv, "jsonl": as_jsonl}[request.param]())


def test_every_format_holds_the_same_task(table):
    data = load("mine", CustomTask(path=table, evaluation_fraction=0.25))
    assert data.task.labels == ("no", "yes")
    assert (len(data.train), len(data.evaluation["validation"])) == (15, 5)
    assert data.origin == f"local:{table.rsplit('/', 1)[1]}"
    texts = {*data.train["text"], *data.evaluation["validation"]["text"]}
    assert texts == {row["text"] for row in ROWS}


def test_the_split_is_the_same_every_time_and_another_with_another_seed(tmp_path):
    path = put(tmp_path / "data.csv", as_csv())
    first = load("mine", CustomTask(path=path)).fingerprint
    assert load("mine", CustomTask(path=path)).fingerprint == first
    assert load("mine", CustomTask(path=path, split_seed=1)).fingerprint != first


def test_equal_texts_never_lie_on_both_sides(tmp_path):
    path = put(tmp_path / "data.csv", as_csv([*ROWS, *ROWS]))
    data = load("mine", CustomTask(path=path, evaluation_fraction=0.5))
    assert not set(data.train["text"]) & set(data.evaluation["validation"]["text"])


def test_pairs_scores_quotes_line_ends_in_quotes_and_byte_order_marks(tmp_path):
    content = b'\xef\xbb\xbfa,b,score\r\n"one, ""two""",three,1.5\r\n"line\r\nend",x,2\r\n'
    path = put(tmp_path / "data.csv", content)
    custom = CustomTask(path=path, evaluation=path, text="a", text_pair="b", label="score", regression=True)
    data = load("mine", custom)
    assert data.train["text"][:] == ['one, "two"', "line\nend"]
    assert data.train["label"][:] == [1.5, 2.0]
    assert data.task.metrics == ("pearson", "spearman")


def test_number_labels_keep_their_order(tmp_path):
    rows = [{"text": f"t{n}", "label": n} for n in (10, 9, 2, 1)]
    path = put(tmp_path / "data.jsonl", as_jsonl(rows))
    assert load("mine", CustomTask(path=path, evaluation=path)).task.labels == ("1", "2", "9", "10")


def test_tags_and_answers_in_their_formats(tmp_path):
    path = put(tmp_path / "data.conll", "".join(f"Ann{n}\tB-PER\nran\tO\n\n" for n in range(10)))
    data = load("tags", CustomTask(path=path))
    assert (data.task.labels, len(data.train)) == (("O", "B-PER", "I-PER"), 8)
    paragraphs = [
        {"context": f"Ann{n} ran.", "qas": [{"id": "q", "question": "Who?", "answers": [answer]}] * 2}
        for n in range(10)
        for answer in [{"text": f"Ann{n}", "answer_start": 0}]
    ]
    path = put(tmp_path / "data.json", json.dumps({"data": [{"paragraphs": paragraphs}]}))
    data = load("answers", CustomTask(path=path))
    assert not set(data.train["context"]) & set(data.evaluation["validation"]["context"])


BAD = [
    ("text,team\na,b\n", {}, r"line 1: no column 'label' among text, team"),
    (as_csv() + '"",no\n', {}, "line 22: no text in column 'text'"),
    (as_csv() + "lonely\n", {}, "line 22: 1 columns instead of 2"),
    (as_csv() + 'a,"b" c\n', {}, "line 22: not CSV"),
    (as_csv() + "a,\n", {}, "line 22: '' is no label"),
    (as_csv().encode() + b"\xe9,no\n", {}, "line 22: not UTF-8"),
    (as_csv() + "x" * 10_000_000 + ",no\n", {}, "line 22: .* characters are too long"),
    (as_csv(), {"labels": ("yes", "maybe")}, "line 2: unknown label 'no'; known: yes, maybe"),
    (as_csv(), {"regression": True}, "line 2: the score 'no' is not a number"),
    ("text,label\na,x\nb,y\nc,z\n", {"metrics": ("f1",)}, "f1 needs two labels"),
    ("text,label\na,x\nb,x\n", {}, "1 different labels"),
    ("text,text\na,x\n", {}, "line 1: two columns are called 'text'"),
    ("text,label\n", {"labels": ("a", "b")}, "no rows"),
    ("", {}, "line 1: no names of columns"),
]


@pytest.mark.parametrize(("content", "settings", "message"), BAD)
def test_a_row_that_does_not_fit_is_named_by_file_and_line(tmp_path, content, settings, message):
    path = put(tmp_path / "data.csv", content)
    with pytest.raises(InputError, match=message) as caught:
        load("mine", CustomTask(path=path, **settings))
    assert "\n" not in str(caught.value)
    assert "data.csv" in str(caught.value)


def test_a_label_that_training_lacks_is_an_error_in_the_evaluation_file(tmp_path):
    path = put(tmp_path / "train.csv", as_csv())
    dev = put(tmp_path / "dev.csv", "text,label\na,yes\nb,maybe\n")
    with pytest.raises(InputError, match=r"dev\.csv, line 3: unknown label 'maybe'; known: no, yes"):
        load("mine", CustomTask(path=path, evaluation=dev))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"text": "a", "label": "x"}\n{"text"\n', "line 2: not JSON"),
        ("a.jsonl", "[1]\n", "line 1: a list, not an object"),
        ("a.jsonl", '{"text": null, "label": "x"}\n{"text": "b", "label": "y"}\n', "line 1: no text"),
        ("a.parquet", "no parquet", "cannot read .*a.parquet as Parquet"),
    ],
)
def test_other_formats_name_the_place_too(tmp_path, name, content, message):
    with pytest.raises(InputError, match=message):
        load("mine", CustomTask(path=put(tmp_path / name, content)))


def test_a_missing_file_is_named(tmp_path):
    for name in ("no.csv", "no.parquet", "no.conll", "no.json"):
        with pytest.raises(InputError, match=f"cannot read .*{name}"):
            load("mine", CustomTask(path=str(tmp_path / name)))


@pytest.mark.parametrize(
    "settings",
    [
        {"path": "a.xlsx"},
        {"path": "a.csv", "metrics": ("bleu",)},
        {"path": "a.csv", "evaluation": "b.csv", "evaluation_fraction": 0.1},
        {"path": "a.csv", "evaluation_fraction": 1.0},
        {"path": "a.conll", "regression": True},
        {"path": "a.csv", "colour": "red"},
        {"path": "a.csv", "encoding": "morse"},
        {"path": "a.csv", "encoding": "zlib"},
        {"path": "a.csv", "labels": ("only",)},
        {"path": "a.csv", "labels": ("twice", "twice ")},
        {"path": "a.csv", "label_separator": ";"},
        {"path": "a.csv", "regression": True, "positive": "yes"},
        {"path": "a.csv", "regression": True, "multi_label": True},
        {"path": "a.csv", "tag_column": 2},
        {"path": "a.conll", "tag_column": 0},
        {"path": "a.conll", "multi_label": True},
        {"path": "a.tsv", "separator": ";"},
        {"path": "a.parquet", "encoding": "latin-1"},
        {"path": "a.json", "metrics": ("pearson",)},
    ],
)
def test_a_description_that_makes_no_sense_is_refused(settings):
    with pytest.raises(ValidationError):
        CustomTask(**settings)


def test_relative_paths_are_below_the_folder_of_the_suite(tmp_path):
    put(tmp_path / "data.csv", as_csv())
    assert len(load("mine", CustomTask.model_validate({"path": "data.csv"}, context={FOLDER: tmp_path})).train) == 16


LABELS = "name: mine\ntitle: t\ntasks:\n  mine: {path: data.csv, labels: [LABELS]}\n"


def read_suite(tmp_path, labels):
    from benchbench.suites import reading

    path = put(tmp_path / "mine.yaml", LABELS.replace("LABELS", labels))
    return reading.read(path)[0].tasks["mine"]


def test_labels_that_yaml_reads_as_numbers_are_words(tmp_path):
    put(tmp_path / "data.csv", as_csv([{"text": f"t{n}", "label": n % 2} for n in range(10)]))
    assert load("mine", read_suite(tmp_path, "0, 1")).task.labels == ("0", "1")


@pytest.mark.parametrize("labels", ["no, yes", "true, maybe", "off, on"])
def test_labels_that_yaml_reads_as_truth_values_need_quotes(tmp_path, labels):
    put(tmp_path / "data.csv", as_csv())
    with pytest.raises(InputError, match=r"mine\.yaml, line 4: tasks\.mine\.labels\.0: .*put quotes around it"):
        read_suite(tmp_path, labels)


def test_quoted_labels_are_what_they_say(tmp_path):
    put(tmp_path / "data.csv", as_csv())
    assert load("mine", read_suite(tmp_path, "'no', 'yes'")).task.labels == ("no", "yes")


def test_truth_values_of_json_and_parquet_are_written_as_json_does(tmp_path):
    path = put(tmp_path / "data.jsonl", as_jsonl([{"text": f"t{n}", "label": n % 2 == 0} for n in range(10)]))
    assert load("mine", CustomTask(path=path)).task.labels == ("false", "true")
