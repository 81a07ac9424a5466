from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from benchbench import processes
from benchbench.errors import InputError
from benchbench.models.source import ModelSource
from benchbench.targets import artefacts, catalogue
from benchbench.targets.protocol import Shape

RUNTIME = """
from pathlib import Path
from benchbench.errors import InputError
from benchbench.targets.protocol import Target

class Runtime:
    name = "writer"
    def unavailable(self, target): return None
    def fixed_shape(self): return True
    def versions(self): return {"writer": "1"}
    def prepare(self, source, target, shape, folder):
        if source.model == "bad":
            raise InputError("this model cannot be exported")
        if source.model == "crash":
            import os; os.abort()
        print("libraries print")
        with open(Path(__file__).with_name("calls"), "a") as calls:
            calls.write("x")
        (folder / "model").write_text(source.model)
    def load(self, source, target, shape, folder): ...

RUNTIME = Runtime
TARGET = Target(name="writer", runtime=__file__)
"""


@pytest.fixture
def target(tmp_path):
    file = tmp_path / "writer.py"
    file.write_text(RUNTIME)
    return catalogue.find(str(file))


def test_prepared_once_and_kept(tmp_path, target):
    folders = [artefacts.prepare(ModelSource("bert-tiny"), target, Shape(1, 8), tmp_path / "cache") for _ in range(2)]
    assert folders[0] == folders[1]
    assert (folders[0] / "model").read_text() == "bert-tiny"
    assert (tmp_path / "calls").read_text() == "x"


def test_two_callers_wait_for_one_another(tmp_path, target):
    def prepare(_):
        return artefacts.prepare(ModelSource("bert-tiny"), target, Shape(1, 8), tmp_path / "cache")

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(prepare, range(2)))) == 1
    assert (tmp_path / "calls").read_text() == "x"


def test_what_changes_the_files_changes_the_folder(tmp_path, target):
    source, shape = ModelSource("bert-tiny"), Shape(1, 8)
    first = artefacts._key(source, target, shape)
    assert artefacts._key(source, target, Shape(2, 8)) != first
    assert artefacts._key(replace(source, seed=1), target, shape) != first
    assert artefacts._key(source, replace(target, precision="bf16"), shape) != first
    assert artefacts._key(source, replace(target, description="another", tdp_watts=5.0), shape) == first


def test_errors_of_the_runtime_reach_the_caller_and_leave_nothing(tmp_path, target):
    cache = tmp_path / "cache"
    with pytest.raises(InputError, match="cannot be exported"):
        artefacts.prepare(ModelSource("bad"), target, Shape(1, 8), cache)
    assert not [path for path in cache.iterdir() if path.is_dir()]


def test_a_crash_of_the_runtime_is_an_error_in_one_line(tmp_path, target):
    with pytest.raises(processes.ChildFailed, match="SIGABRT"):
        artefacts.prepare(ModelSource("crash"), target, Shape(1, 8), tmp_path / "cache")
