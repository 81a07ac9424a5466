"""Two things of a suite never have one name, and no name tells whose folder it is."""

import json
from pathlib import Path

import pytest

from benchbench.errors import InputError
from benchbench.execution.redaction import redaction
from benchbench.models import loading, zoo
from benchbench.models.source import ModelSource
from benchbench.places import by_name, in_full, places_in, told_apart, written
from benchbench.suites.reading import parse
from benchbench.suites.schema import EfficiencyParameters
from benchbench.suites.selection import Selection, select

SUITE = """\
name: two
title: Two of one name
efficiency:
  - {models: [MODELS], targets: [torch-cpu]}
"""


def chosen(*models):
    listed = ", ".join(f'"{model}"' for model in models)
    return select(parse(SUITE.replace("MODELS", listed), "two.yaml"), Selection()).efficiency[0]


def named(*models):
    return [model.name for model in chosen(*models).models]


def test_two_folders_of_one_name_are_called_by_what_tells_them_apart(tmp_path):
    assert named(tmp_path / "a" / "checkpoint-500", tmp_path / "b" / "checkpoint-500") == [
        "a/checkpoint-500",
        "b/checkpoint-500",
    ]
    assert named(tmp_path / "a" / "x" / "m", tmp_path / "b" / "x" / "m", tmp_path / "m") == ["a/x/m", "b/x/m", "m"]
    assert named(tmp_path / "a" / "m", tmp_path / "a" / "n") == ["m", "n"]


def test_a_kernel_and_a_record_have_the_name_and_a_text_has_no_path(tmp_path):
    block = chosen(tmp_path / "a" / "m", tmp_path / "b" / "m")
    parameters = EfficiencyParameters(target=block.targets[0], models=block.models)
    told = json.loads(json.dumps(written(parameters, in_full)))
    again = EfficiencyParameters.model_validate(told)
    assert [model.name for model in again.models] == written(again, by_name)["models"] == ["a/m", "b/m"]
    assert [model.path for model in again.models] == [tmp_path / "a" / "m", tmp_path / "b" / "m"]
    text = redaction(places_in(block), tmp_path / "run").text(f"{told['models']} {tmp_path}/a/m")
    assert text == "['a/m', 'b/m'] a/m"


def test_the_label_of_weights_has_the_same_name(tmp_path):
    one, other = (ModelSource(model, "hub") for model in chosen(tmp_path / "a" / "m", tmp_path / "b" / "m").models)
    assert (loading.label(one), loading.label(other)) == ("local:a/m", "local:b/m")
    (tmp_path / "w" / "bert-tiny").mkdir(parents=True)
    assert loading.label(ModelSource("bert-tiny", f"local:{tmp_path / 'w'}")) == "local:w/bert-tiny"


def test_folders_whose_names_would_tell_a_person_are_refused(monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: Path("/home/ann"))
    with pytest.raises(InputError, match="are both called m in a report; rename or link one"):
        told_apart((zoo.place("/home/bob/m"), zoo.place("/home/ann/m")))


def test_a_folder_named_like_a_model_of_the_zoo_is_not_called_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = zoo.place("bert-tiny")
    (tmp_path / "bert-tiny").mkdir()
    assert zoo.place("bert-tiny") == before
    assert zoo.place("./bert-tiny").name == "local:bert-tiny"
    assert zoo.place("./bert-tiny").path == tmp_path / "bert-tiny"
    assert zoo.place(zoo.place("./bert-tiny").in_full) == zoo.place("./bert-tiny")
    assert zoo.find(zoo.place("./bert-tiny")) is None
    assert named("bert-tiny", "./bert-tiny") == ["bert-tiny", "local:bert-tiny"]
