"""Rows without a gold label are counted, not learned; F1 of two labels says whose it is."""

import numpy
import pytest
from scored import classified

from benchbench.errors import InputError
from benchbench.scoring.answers import notes
from benchbench.tasks import kinds
from benchbench.tasks.custom import CustomTask, load


def put(path, values):
    path.write_text("text,label\n" + "".join(f"row {n},{label}\n" for n, label in enumerate(values)))
    return str(path)


def loaded(tmp_path, values, **settings):
    path = put(tmp_path / "data.csv", values)
    return load("mine", CustomTask(path=path, evaluation=path, **settings))


NATURAL = ["red", "green", "blue"] * 3


@pytest.mark.parametrize(
    ("labels", "settings", "names", "rows", "left_out"),
    [
        ([*NATURAL, "-", "-"], {}, ("blue", "green", "red"), 9, "left out of data.csv, without a gold label ('-'): 2"),
        (["0", "1", "2", "-1"] * 2, {}, ("0", "1", "2"), 6, "left out of data.csv, without a gold label ('-1'): 2"),
        ([*NATURAL, "-1"], {}, ("blue", "green", "red"), 9, "left out of data.csv, without a gold label ('-1'): 1"),
        (
            ["0", "1", "-1"],
            {"labels": ("0", "1")},
            ("0", "1"),
            2,
            "left out of data.csv, without a gold label ('-1'): 1",
        ),
        (
            ["0", "1", "-1"],
            {"no_label": ("-1",)},
            ("0", "1"),
            2,
            "left out of data.csv, without a gold label ('-1'): 1",
        ),
        (
            ["a", "b", "?", ""],
            {"no_label": ("?", "")},
            ("a", "b"),
            2,
            "left out of data.csv, without a gold label ('?'): 1",
        ),
        (["0", "1", "-1"], {"labels": ("-1", "0", "1")}, ("-1", "0", "1"), 3, None),
        (["1", "-1", "1"], {}, ("-1", "1"), 3, None),
        (["-2", "-1", "0", "1"], {}, ("-2", "-1", "0", "1"), 4, None),
        (["+", "-", "+"], {}, ("+", "-"), 3, None),
        (["a", "b", "-"], {"no_label": ()}, ("-", "a", "b"), 3, None),
        (["spam", "spam ", " ham", "ham"], {}, ("ham", "spam"), 4, None),
    ],
)
def test_what_means_no_label_is_left_out_and_counted(tmp_path, labels, settings, names, rows, left_out):
    data = loaded(tmp_path, labels, **settings)
    assert (data.task.labels, len(data.train), len(data.evaluation["validation"])) == (names, rows, rows)
    assert sum(left_out is not None and note == left_out for note in data.notes) == (2 if left_out else 0)
    assert any("gold label" in note for note in data.notes) == bool(left_out)


@pytest.mark.parametrize(
    ("labels", "settings", "message"),
    [
        (
            ["0", "1", "-1"],
            {},
            r"does -1 mean 'no label', or is it a class\? Say 'no_label: \[-1\]' or 'labels: \[-1, 0",
        ),
        (["1", "2", "-1"], {}, "does -1 mean 'no label'"),
        (["a", "b", ""], {}, "line 4: '' is no label; .*no_label"),
        (["a", "-", "-"], {}, "1 different labels"),
        (["-", "-"], {"labels": ("a", "b")}, "no rows with a gold label"),
        (["0.5", "nan"], {"regression": True}, "line 3: the score 'nan' is not a number"),
    ],
)
def test_what_may_mean_no_label_is_refused(tmp_path, labels, settings, message):
    with pytest.raises(InputError, match=message):
        loaded(tmp_path, labels, **settings)


def test_scores_are_left_out_only_where_the_user_says_what_is_none(tmp_path):
    assert loaded(tmp_path, ["-1", "2"], regression=True).train["label"][:] == [-1.0, 2.0]
    assert loaded(tmp_path, ["-1", "2", "9"], regression=True, no_label=("9",)).train["label"][:] == [-1.0, 2.0]


RARE = ["ill"] + ["healthy"] * 9


@pytest.mark.parametrize(
    ("labels", "settings", "positive"),
    [
        (RARE, {"positive": "ill"}, "ill"),
        (RARE, {"positive": "healthy"}, "healthy"),
        (RARE, {"labels": ("ill", "healthy")}, "healthy"),
        (RARE, {"labels": ("healthy", "ill")}, "ill"),
        (RARE, {"labels": ("ill", "healthy"), "positive": "ill"}, "ill"),
        (["fire", "not fire"], {}, "fire"),
        (["toxic", "non-toxic"], {}, "toxic"),
        (["acute", "No Acute"], {}, "acute"),
        (["0", "1"], {}, "1"),
        (["-1", "1"], {}, "1"),
        (["-", "+"], {}, "+"),
        (["Yes", "No"], {}, "Yes"),
        (["TRUE", "FALSE"], {}, "TRUE"),
        (["positive", "negative"], {}, "positive"),
    ],
)
def test_f1_is_that_of_the_positive_label(tmp_path, labels, settings, positive):
    data = loaded(tmp_path, labels, metrics=("f1", "accuracy"), **settings)
    truth = numpy.array(data.train["label"])
    number = data.task.labels.index(positive)
    assert classified(data.task, numpy.eye(2)[truth], truth).scores()["f1"] == 1.0
    never = classified(data.task, numpy.eye(2)[numpy.full(len(truth), 1 - number)], truth).scores()
    assert never["f1"] == 0.0
    assert never["accuracy"] == (truth != number).mean()
    assert notes(kinds.marking(data.task)) == (f"F1 is that of the label {positive!r}",)


@pytest.mark.parametrize(
    ("labels", "settings", "message"),
    [
        (RARE, {}, "F1 is that of one label: say 'positive: healthy' or 'positive: ill'"),
        (RARE, {"positive": "sick"}, "positive: 'sick' is none of the labels healthy, ill"),
        (NATURAL, {}, "f1 needs two labels, and data.csv has 3; use accuracy or macro_f1"),
    ],
)
def test_f1_of_nobody_knows_whom_is_refused(tmp_path, labels, settings, message):
    with pytest.raises(InputError, match=message):
        loaded(tmp_path, labels, metrics=("f1",), **settings)


def test_without_f1_nobody_needs_a_positive_label(tmp_path):
    data = loaded(tmp_path, RARE)
    assert (data.task.metrics, notes(kinds.marking(data.task))) == (("accuracy",), ())
