"""What a calibrated target is calibrated on decides what is prepared, and int8 keeps the answers of fp32."""

from dataclasses import replace

import numpy
import pytest
import tiny_checkpoints
from pydantic import TypeAdapter

from benchbench import places
from benchbench.errors import InputError
from benchbench.models.source import ModelSource
from benchbench.studies.efficiency import study as efficiency
from benchbench.targets import artefacts
from benchbench.targets.calibration import Calibration, on_random_tokens
from benchbench.targets.catalogue import availability, find
from benchbench.targets.protocol import Job, Shape, Target
from benchbench.targets.session import open_session
from benchbench.targets.texts import Texts

INT8 = ["onnxruntime-cpu-int8", "onnxruntime-cpu-int8-static", "openvino-cpu-int8", "openvino-cpu-int8-accuracy"]
SHAPE = Shape(1, 16)


def texts(seed, count=64):
    """Sentences of the small vocabulary, of all lengths."""
    generator = numpy.random.default_rng(seed)
    return Texts(tuple((2, *generator.integers(4, 18, n).tolist(), 3) for n in generator.integers(3, 15, count)), ())


@pytest.fixture
def source(tmp_path):
    tiny_checkpoints.save(tmp_path / "model", hidden_size=64, initializer_range=0.1)
    return ModelSource(places.bare(tmp_path / "model"), places.local(tmp_path / "model"))


def target(name):
    found = find(name)
    if reason := availability(found):
        pytest.skip(reason)
    return found


def logits(job, cache):
    session, evaluated = open_session(artefacts.prepare(job, cache)), texts(seed=9, count=128)
    return numpy.concatenate([session.run(evaluated.batch(number)) for number in range(evaluated.batches)])


@pytest.mark.parametrize("name", INT8)
def test_int8_gives_the_answers_of_fp32(name, source, tmp_path):
    job = Job(source, target(name), SHAPE, Calibration(texts(seed=1), "training texts", 1))
    expected, got = logits(replace(job, target=find("torch-cpu")), tmp_path / "cache"), logits(job, tmp_path / "cache")
    assert (expected.argmax(-1) == got.argmax(-1)).mean() >= 0.97
    assert numpy.corrcoef(expected[:, 0], got[:, 0])[0, 1] >= 0.98
    assert not numpy.array_equal(expected, got)


@pytest.mark.parametrize("name", ["onnxruntime-cpu-int8", "onnxruntime-cpu-int8-static"])
def test_each_output_channel_has_a_scale_of_its_own(name, source, tmp_path):
    import onnx

    job = Job(source, target(name), SHAPE, Calibration(texts(seed=1), "training texts", 1))
    graph = onnx.load(artefacts.prepare(job, tmp_path / "cache").folder / "model.onnx").graph
    sizes = {tuple(weight.dims) for weight in graph.initializer if "scale" in weight.name}
    assert {(64,), (32,)} <= sizes  # the attention's and the second layer's, the first's


def test_other_texts_are_another_artefact_of_a_calibrated_target_alone(source, tmp_path):
    first, second = (Calibration(texts(seed), "training texts", seed) for seed in (1, 2))
    jobs = [
        Job(source, target(name), SHAPE, calibration)
        for name in ("onnxruntime-cpu-int8-static", "onnxruntime-cpu-int8")
        for calibration in (first, second, None)
    ]
    made = artefacts.prepare_all(jobs, tmp_path / "cache")
    files = [(prepared.folder / "model.onnx").read_bytes() for prepared in made]
    assert len({prepared.folder for prepared in made[:3]}) == len(set(files[:3])) == 3
    assert len({prepared.folder for prepared in made[3:]}) == 1


def test_a_calibration_travels_to_another_process_whole():
    job = Job(ModelSource("bert-tiny"), Target("mine", "mine"), SHAPE, Calibration(texts(seed=1), "training texts", 1))
    adapter = TypeAdapter(Job)
    there = adapter.validate_json(adapter.dump_json(job))
    assert there == job
    assert there.calibration.fingerprint == job.calibration.fingerprint


def test_what_is_timed_without_a_task_says_that_it_saw_random_tokens():
    target("onnxruntime-cpu-int8-static")
    study = efficiency.load(
        target="onnxruntime-cpu-int8-static",
        models=("bert-tiny",),
        sequence_lengths=(16,),
        budget_seconds=1,
        processes=1,
    )
    found = efficiency.speed(study)
    assert found.measurements
    assert all("calibrated on random tokens: for speed only" in m.note for m in found.measurements)


def test_layers_are_not_left_in_fp32_by_what_random_tokens_say(source, tmp_path):
    job = Job(source, target("openvino-cpu-int8-accuracy"), SHAPE, on_random_tokens(source))
    with pytest.raises(InputError, match="decided on texts"):
        artefacts.prepare(job, tmp_path / "cache")


def test_openvino_has_no_int8_without_a_calibration():
    assert "calibrated: true" in availability(replace(target("openvino-cpu"), precision="int8"))
