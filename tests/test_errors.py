"""Errors of libraries without a message, or with one of many lines, are a line with the type's name."""

import pytest
import transformers
import yaml
from pydantic import TypeAdapter

from benchbench import yaml_files
from benchbench.errors import InputError
from benchbench.models.loading import build
from benchbench.models.source import ModelSource
from benchbench.targets.catalogue import availability
from benchbench.targets.protocol import Target
from benchbench.targets.runtimes.torch_eager import TorchEager

ERRORS = [ValueError(), ValueError("two\nlines")]


def failing(error):
    def fail(*_, **__):
        raise error

    return fail


@pytest.mark.parametrize("error", ERRORS)
def test_of_yaml(monkeypatch, error):
    monkeypatch.setattr(yaml, "safe_load", failing(error))
    with pytest.raises(InputError, match=r"^suite.yaml: not valid YAML: ValueError[^\n]*$"):
        yaml_files.parse("", "suite.yaml", TypeAdapter(dict), "a mapping")


@pytest.mark.parametrize("error", ERRORS)
def test_of_loading_a_model(monkeypatch, tmp_path, error):
    build(ModelSource("bert-tiny")).save_pretrained(tmp_path)
    monkeypatch.setattr(transformers.AutoModelForSequenceClassification, "from_pretrained", failing(error))
    with pytest.raises(InputError, match=r"^cannot load [^\n]*: ValueError[^\n]*$"):
        build(ModelSource(str(tmp_path), "hub"))


@pytest.mark.parametrize("error", ERRORS)
def test_of_a_runtime_that_is_asked_whether_it_can_run(monkeypatch, error):
    monkeypatch.setattr(TorchEager, "unavailable", failing(error))
    reason = availability(Target("here", "torch-eager"))
    assert reason.startswith("asking runtime torch-eager failed: ValueError")
    assert "\n" not in reason
