from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from benchbench.errors import InputError, Missing
from benchbench.models.source import ModelSource
from benchbench.targets import artefacts, catalogue
from benchbench.targets.protocol import Job, Shape

RUNTIME = """
from pathlib import Path
from benchbench.errors import InputError, Missing
from benchbench.targets.protocol import Target

class Runtime:
    name = "writer"
    def unavailable(self, target): return None
    def fixed_shape(self): return True
    def reads_weights(self): return False
    def versions(self): return {"writer": "1"}
    def prepare(self, job, folder):
        if job.source.name == "bad":
            raise InputError("this model cannot be exported")
        if job.source.name == "crash":
            import os; os.abort()
        print("libraries print")
        with open(Path(__file__).with_name("calls"), "a") as calls:
            calls.write("x")
        (folder / "model").write_text(job.source.name)
    def load(self, job, folder): ...

RUNTIME = Runtime
TARGET = Target(name="writer", runtime=__file__)
"""


@pytest.fixture
def target(tmp_path):
    file = tmp_path / "writer.py"
    file.write_text(RUNTIME)
    return catalogue.find(str(file))


@pytest.fixture
def job(target):
    return Job(ModelSource("bert-tiny"), target, Shape(1, 8))


def test_prepared_once_and_kept(tmp_path, job):
    first, second = (artefacts.prepare(job, tmp_path / "cache") for _ in range(2))
    assert first == second
    assert first.job == job
    assert (first.folder / "model").read_text() == "bert-tiny"
    assert (tmp_path / "calls").read_text() == "x"


def test_two_callers_wait_for_one_another(tmp_path, job):
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: artefacts.prepare(job, tmp_path / "cache"), range(2))
    assert first == second
    assert (tmp_path / "calls").read_text() == "x"


def test_what_changes_the_files_is_prepared_anew_and_nothing_else(tmp_path, job):
    source, target = job.source, job.target
    others = [
        replace(job, shape=Shape(2, 8)),
        replace(job, source=replace(source, seed=1)),
        replace(job, target=replace(target, precision="bf16")),
    ]
    described = replace(job, target=replace(target, description="another", tdp_watts=5.0))
    folders = [made.folder for made in artefacts.prepare_all([job, *others, described], tmp_path / "cache")]
    assert len(set(folders)) == 4
    assert folders[0] == folders[-1]
    assert (tmp_path / "calls").read_text() == "xxxx"


def test_a_changed_checkpoint_is_prepared_anew(tmp_path, job):
    folder = tmp_path / "checkpoint"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert"}')
    (folder / "weights").write_text("before")
    own = replace(job, source=ModelSource(str(folder)))
    before = artefacts.prepare(own, tmp_path / "cache")
    (folder / "weights").write_text("after training")
    assert artefacts.prepare(own, tmp_path / "cache") != before


def test_errors_of_the_runtime_reach_the_caller_and_leave_nothing(tmp_path, job):
    cache = tmp_path / "cache"
    with pytest.raises(InputError, match="cannot be exported"):
        artefacts.prepare(replace(job, source=ModelSource("bad")), cache)
    assert not [path for path in cache.iterdir() if path.is_dir()]


def test_one_that_fails_does_not_stop_the_others(tmp_path, job):
    failed, made = artefacts.prepare_all([replace(job, source=ModelSource("bad")), job], tmp_path / "cache")
    assert failed == Missing("this model cannot be exported")
    assert (made.folder / "model").read_text() == "bert-tiny"


def test_a_crash_of_the_runtime_is_an_error_in_one_line(tmp_path, job):
    with pytest.raises(InputError, match="SIGABRT"):
        artefacts.prepare(replace(job, source=ModelSource("crash")), tmp_path / "cache")


def test_one_whose_engine_crashes_does_not_stop_the_others(tmp_path, job):
    crash = replace(job, source=ModelSource("crash"))
    first, crashed, last = artefacts.prepare_all([job, crash, replace(job, shape=Shape(2, 8))], tmp_path / "cache")
    assert "SIGABRT" in crashed.reason
    assert [(made.folder / "model").read_text() for made in (first, last)] == ["bert-tiny", "bert-tiny"]
