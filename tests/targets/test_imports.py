"""A process that measures an engine holds that engine, and no other library of models."""

import subprocess
import sys

import pytest
from pydantic import TypeAdapter

from benchbench.models.source import ModelSource
from benchbench.studies.workers.allocation import Share
from benchbench.studies.workers.race_worker import Entry, RaceRequest
from benchbench.targets import artefacts
from benchbench.targets.catalogue import availability, find
from benchbench.targets.prepare_worker import Preparation
from benchbench.targets.protocol import Job, Shape

RACE = """
import sys
from pydantic import TypeAdapter
from benchbench.studies.workers.race_worker import RaceRequest, run_race

answer = run_race(TypeAdapter(RaceRequest).validate_json(sys.stdin.read()))
heavy = ("torch", "transformers", "pandas", "scipy.stats", "datasets", "onnxruntime", "openvino")
print(len(answer.timings), len(answer.failures), *(name for name in heavy if name in sys.modules))
"""
AGAIN = """
import sys
from pathlib import Path
from pydantic import TypeAdapter
from benchbench.targets.prepare_worker import Preparation, prepare_each

(failed,) = prepare_each((TypeAdapter(Preparation).validate_json(sys.stdin.read()),))
print(failed, *(name for name in ("torch", "transformers") if name in sys.modules))
"""
SHAPE = Shape(1, 16)


@pytest.mark.parametrize(("target", "engine"), [("onnxruntime-cpu", "onnxruntime"), ("openvino-cpu", "openvino")])
def test_an_engine_is_timed_without_torch_and_transformers(target, engine, tmp_path):
    if reason := availability(find(target)):
        pytest.skip(reason)
    prepared = artefacts.prepare(Job(ModelSource("bert-tiny"), find(target), SHAPE), tmp_path)
    request = RaceRequest((Entry("it", prepared),), (Share(SHAPE, ("it",)),), 0.1, 0)
    text = TypeAdapter(RaceRequest).dump_json(request)
    ran = subprocess.run([sys.executable, "-c", RACE], input=text, capture_output=True, check=True)
    assert ran.stdout.decode().split() == ["1", "0", engine]


@pytest.mark.parametrize("target", ["torch-cpu", "onnxruntime-cpu", "openvino-cpu"])
def test_what_was_drawn_or_exported_before_is_prepared_again_without_a_library_of_models(target, tmp_path):
    if reason := availability(find(target)):
        pytest.skip(reason)
    job = Job(ModelSource("squeezebert-tiny", lowered=True), find(target), SHAPE)
    artefacts.prepare(job, tmp_path)  # draws or exports, where no test before did
    (tmp_path / "again").mkdir()
    request = TypeAdapter(Preparation).dump_json(Preparation(job, tmp_path / "again"))
    ran = subprocess.run([sys.executable, "-c", AGAIN], input=request, capture_output=True, check=True)
    assert ran.stdout.decode().split() == ["None"]
