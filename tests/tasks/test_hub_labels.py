"""What the labels of a data set on the hub must be: those of the task, in its order; rows without one are counted."""

import datasets
import pytest

from benchbench.errors import InputError
from benchbench.tasks import hub
from benchbench.tasks.task import HubSource, Task

NAMES = ("good", "bad")


def loaded(folder, labels, feature=None, kind="classification"):
    """A task whose data set is a folder, which `datasets` reads as it reads a repository."""
    tagged = kind == "token-classification"
    columns = {"text": [[f"row{n}"] if tagged else f"row {n}" for n in range(len(labels))], "label": labels}
    made = datasets.Dataset.from_dict(columns)
    if feature is not None:
        made = made.cast_column("label", feature)
    for split in ("train", "validation"):
        made.to_parquet(folder / f"{split}-00000-of-00001.parquet")
    metrics = {"classification": "accuracy", "regression": "pearson", "token-classification": "f1"}
    names = {"regression": (), "token-classification": ("O", "B-X", "I-X")}.get(kind, NAMES)
    source = HubSource(str(folder), None, ("text",))
    return hub.load(Task("mine", "mine", kind, (metrics[kind],), names, hub=source))


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize("missing", [-1, None])
def test_rows_without_a_gold_label_are_left_out_and_counted(tmp_path, missing):
    data = loaded(tmp_path, [0, missing, 1, missing, 0])
    assert data.train["text"][:] == ["row 0", "row 2", "row 4"]
    assert data.evaluation["validation"]["label"][:] == [0, 1, 0]
    assert data.notes == tuple(f"left out of {split}, without a gold label: 2" for split in ("train", "validation"))


@pytest.mark.parametrize(
    ("labels", "kind", "message"),
    [
        ([-1, -1], "classification", "has no labels in its split train"),
        ([0, 2], "classification", "has labels outside 0 to 1"),
        ([0.5, float("nan")], "regression", "train, row 2: the score 'nan' is not a number"),
        ([0.5, None], "regression", "train, row 2: the score 'None' is not a number"),
    ],
)
def test_labels_that_are_none_are_refused(tmp_path, labels, kind, message):
    with pytest.raises(InputError, match=message):
        loaded(tmp_path, labels, kind=kind)


def test_labels_in_another_order_are_refused_and_in_the_same_are_read(tmp_path):
    assert loaded(tmp_path, [0, 1], datasets.ClassLabel(names=list(NAMES))).train["label"][:] == [0, 1]
    with pytest.raises(InputError, match="numbers its labels bad, good, not good, bad"):
        loaded(tmp_path, [0, 1], datasets.ClassLabel(names=list(NAMES[::-1])))


def test_tags_in_another_order_are_refused(tmp_path):
    tags = datasets.List(datasets.ClassLabel(names=["B-X", "I-X", "O"]))
    with pytest.raises(InputError, match="numbers its labels B-X, I-X, O, not O, B-X, I-X"):
        loaded(tmp_path, [[0], [2]], tags, "token-classification")
