"""Tables as spreadsheets, pandas and data sites leave them: read as they are meant, or refused with what to say."""

import json

import pytest

from benchbench.errors import InputError
from benchbench.tasks.custom import CustomTask, load

WORDS = ("apple", "boat", "clock", "drum", "eagle", "fern")
ROWS = [{"text": f"{word} {n}", "label": "even" if n % 2 == 0 else "odd"} for n, word in enumerate(WORDS)]


def put(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def table(separator=",", header=("text", "label"), more=""):
    rows = [f"{row['text']}{separator}{row['label']}{more}" for row in ROWS]
    return "\n".join([separator.join(header) + more, *rows]) + "\n"


def pairs(data):
    splits = (data.train, data.evaluation["validation"])
    return {(text, data.task.labels[label]) for s in splits for text, label in zip(s["text"], s["label"], strict=True)}


EXPECTED = {(row["text"], row["label"]) for row in ROWS}


@pytest.mark.parametrize("name", ["data.csv", "data.tsv"])
@pytest.mark.parametrize("empty", [1, 3])
def test_empty_columns_without_a_name_are_left_out(tmp_path, name, empty):
    separator = "," if name.endswith("csv") else "\t"
    whole = table(separator, more=separator * empty)
    assert pairs(load("mine", CustomTask(path=put(tmp_path / name, whole)))) == EXPECTED
    header_only = whole.replace(separator * empty + "\n", "\n").replace("label\n", f"label{separator * empty}\n")
    assert pairs(load("mine", CustomTask(path=put(tmp_path / name, header_only)))) == EXPECTED


@pytest.mark.parametrize("name", ["data.csv", "data.tsv"])
def test_the_row_numbers_of_pandas_are_left_out(tmp_path, name):
    separator = "," if name.endswith("csv") else "\t"
    lines = [f"{number}{separator}{line}" for number, line in enumerate(table(separator).splitlines())]
    content = "\n".join([lines[0][1:], *lines[1:]])
    assert pairs(load("mine", CustomTask(path=put(tmp_path / name, content)))) == EXPECTED


@pytest.mark.parametrize("name", ["data.csv", "data.tsv"])
def test_text_that_runs_into_a_column_without_a_name_is_named(tmp_path, name):
    separator = "," if name.endswith("csv") else "\t"
    content = table(separator, more=separator).replace(f"odd{separator}\n", f"odd{separator}and more\n", 1)
    with pytest.raises(InputError, match=rf"{name}, line 3: 'and more' is in a column without a name; name column 3"):
        load("mine", CustomTask(path=put(tmp_path / name, content)))


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_is_guessed_in_the_message_and_read_when_told(tmp_path, separator):
    path = put(tmp_path / "data.csv", table(separator))
    with pytest.raises(
        InputError, match=r"line 1: no column 'text' among .*; it seems to be CSV separated by"
    ) as caught:
        load("mine", CustomTask(path=path))
    shown = str(caught.value).rpartition("separator: ")[2].strip("'")
    assert json.loads(shown) == separator
    assert pairs(load("mine", CustomTask(path=path, separator=separator))) == EXPECTED


def test_commas_in_the_text_do_not_hide_the_separator(tmp_path):
    path = put(tmp_path / "data.csv", table(";", header=("text", "label")).replace("apple", "an apple, red"))
    with pytest.raises(InputError, match=r"separated by ';'"):
        load("mine", CustomTask(path=path))
    assert ("an apple, red 0", "even") in pairs(load("mine", CustomTask(path=path, separator=";")))


def test_commas_in_a_file_named_tsv_are_guessed(tmp_path):
    path = put(tmp_path / "data.tsv", table(","))
    with pytest.raises(InputError, match=r"separated by ',': say 'format: csv'"):
        load("mine", CustomTask(path=path))


def test_quotes_in_a_file_named_tsv_are_guessed(tmp_path):
    path = put(tmp_path / "data.tsv", table("\t", header=('"text"', '"label"')))
    with pytest.raises(InputError, match="say 'format: csv' and 'separator:"):
        load("mine", CustomTask(path=path))
    assert pairs(load("mine", CustomTask(path=path, format="csv", separator="\t"))) == EXPECTED


def test_spaces_around_the_names_of_columns_do_not_matter(tmp_path):
    path = put(tmp_path / "data.csv", table(header=("text ", " label")))
    assert pairs(load("mine", CustomTask(path=path))) == EXPECTED


ACCENTS = table().replace("eagle", "éagle")
ENCODED = [
    ("latin-1", ACCENTS, "line 6: not UTF-8; it looks like latin-1"),
    ("windows-1252", ACCENTS.replace("fern", "“fern”"), "line 6: not UTF-8; it looks like windows-1252"),
    ("utf-16", ACCENTS, "line 1: not UTF-8; it looks like utf-16"),
    ("utf-16-le", table(), "line 1: a zero byte; it looks like utf-16-le"),
]


@pytest.mark.parametrize("name", ["data.csv", "data.tsv"])
@pytest.mark.parametrize(("encoding", "content", "message"), ENCODED)
def test_another_encoding_is_guessed_in_the_message_and_read_when_told(tmp_path, name, encoding, content, message):
    content = content if name.endswith("csv") else content.replace(",", "\t")
    path = put(tmp_path / name, content.encode(encoding))
    with pytest.raises(InputError, match=message) as caught:
        load("mine", CustomTask(path=path))
    assert str(caught.value).endswith(f"say 'encoding: {encoding}' for a task of your own")
    found = pairs(load("mine", CustomTask(path=path, encoding=encoding)))
    assert any("agle" in text and ("é" in text) == ("é" in content) for text, _ in found)


def test_every_reader_of_text_takes_an_encoding_and_guesses_one(tmp_path):
    question = {"question": "Où ?", "id": "1", "answers": [{"text": "été", "answer_start": 0}]}
    article = {"data": [{"paragraphs": [{"context": f"été {n}", "qas": [question]} for n in range(5)]}]}
    for name, content in {
        "data.jsonl": "\n".join(json.dumps({"text": f"é{n}", "label": n % 2}, ensure_ascii=False) for n in range(6)),
        "rows.json": json.dumps([{"text": f"é{n}", "label": n % 2} for n in range(6)], ensure_ascii=False),
        "squad.json": json.dumps(article, ensure_ascii=False),
        "data.conll": "".join(f"Zoé{n} B-PER\nrit O\n\n" for n in range(6)),
    }.items():
        path = put(tmp_path / name, content.encode("latin-1"))
        with pytest.raises(InputError, match=f"{name}, line 1: not UTF-8; it looks like latin-1"):
            load("mine", CustomTask(path=path))
        told = load("mine", CustomTask(path=path, encoding="latin-1"))
        assert "é" in json.dumps(told.train[:], ensure_ascii=False)


def test_an_encoding_that_the_file_does_not_have_is_refused(tmp_path):
    path = put(tmp_path / "data.csv", ACCENTS)
    with pytest.raises(InputError, match=r"data\.csv is not in latin-1 but in UTF-8"):
        load("mine", CustomTask(path=path, encoding="latin-1"))
    with pytest.raises(InputError, match="line 6: not ASCII; name the encoding"):
        load("mine", CustomTask(path=path, encoding="ascii"))


JSON_FORMS = {
    "lines": "\n".join(map(json.dumps, ROWS)),
    "array": json.dumps(ROWS, indent=1),
    "data": json.dumps({"version": "1", "data": ROWS}),
}


@pytest.mark.parametrize("form", JSON_FORMS)
def test_rows_in_a_file_named_json_are_rows(tmp_path, form):
    path = put(tmp_path / "data.json", JSON_FORMS[form])
    found = load("mine", CustomTask(path=path, metrics=("accuracy",)))
    assert (found.task.kind, pairs(found)) == ("classification", EXPECTED)


@pytest.mark.parametrize(
    ("content", "settings", "message"),
    [
        ('{"text": {"0": "a"}, "label": {"0": "x"}}', {}, "JSON without rows; give an object a line"),
        ('{"text": "a", "label": "x"}\n{"text"', {}, "line 2: not JSON"),
        ('[{"text": "a"}]', {}, "row 1: no column 'label' among text"),
        ("[1]", {}, "row 1: a int, not an object"),
        ("[" * 100_000, {}, "not JSON"),
        ('[{"text": "a", "label": ' + "9" * 5000 + "}]", {}, "not JSON"),
        ("no", {}, "line 1: not JSON"),
        (JSON_FORMS["array"], {"metrics": ("exact_match",)}, "metric 'exact_match' does not suit classification"),
        ('{"data": [{"paragraphs": []}]}', {"metrics": ("f1",)}, "no questions"),
        ('{"data": [{"paragraphs": []}]}', {"metrics": ("accuracy",)}, "'accuracy' does not suit question-answering"),
    ],
)
def test_json_without_rows_is_refused(tmp_path, content, settings, message):
    with pytest.raises(InputError, match=message) as caught:
        load("mine", CustomTask(path=put(tmp_path / "data.json", content), **settings))
    assert "\n" not in str(caught.value)
