"""What goes wrong while a model is deployed or kept costs that alone: one line says what, all else stays."""

import resource
from contextlib import contextmanager

import light_engine
import pytest
from tiny_checkpoints import WORDS, save

from benchbench.runs.cell_folders import CellFolders
from benchbench.studies.quality import study as quality
from benchbench.studies.training.fine_tuning import Trained

FAULTS = {"dies": "os._exit(7)", "raises": "raise RuntimeError('the engine\\n gave up')"}


@pytest.fixture(scope="module")
def parameters(tmp_path_factory):
    """A checkpoint of a few kilobytes, twelve texts to answer, and a target for each fault beside a whole one."""
    folder = tmp_path_factory.mktemp("faults")
    save(folder / "model", id2label={0: "no-vowel", 1: "vowel"})
    rows = [f"{' '.join(WORDS[n % 9 : n % 9 + 3 + n % 3])},{('no-vowel', 'vowel')[n % 2]}" for n in range(60)]
    (folder / "mine.csv").write_text("\n".join(("text,label", *rows)))
    faulty = {name: light_engine.write(folder, name, run=f"if self.runs > 5: {FAULTS[name]}") for name in FAULTS}
    return {
        "model": str(folder / "model"),
        "weights": "hub",
        "task": "mine",
        "custom": {"path": str(folder / "mine.csv"), "metrics": ("accuracy",), "evaluation_fraction": 0.5},
        "training": "none",
        "max_length": 16,
        "deploy": {
            "targets": [faulty["dies"], "onnxruntime-cpu", faulty["raises"]],
            "seconds": 0.2,
            "timed_examples": 4,
            "processes": 1,
            "cold_starts": 0,
            "energy": False,
        },
    }


def test_a_target_that_dies_or_fails_half_way_leaves_the_others_their_rows(parameters):
    experiment = quality.load(**parameters)
    evaluated = quality.evaluate(experiment)
    found = quality.deploy(experiment, evaluated)
    assert {m.subject.target for m in found.measurements} == {"onnxruntime-cpu"}
    assert {"accuracy", "score_change", "latency_p50", "artefact_bytes"} <= {m.quantity for m in found.measurements}
    reasons = {absence.subject.target: absence.reason for absence in found.absences if not absence.quantity}
    assert reasons.keys() == set(FAULTS)
    assert reasons["dies"].startswith("not measured: ")
    assert "ended with code 7" in reasons["dies"]
    assert "stopped at text 6 of" in reasons["raises"]
    assert "RuntimeError: the engine gave up" in reasons["raises"]
    assert not any("\n" in reason for reason in reasons.values())


LATE = """\
first = Path(__file__).with_suffix(".opened")
os._exit(9) if first.exists() else first.touch()"""


def test_a_target_that_dies_in_a_later_process_costs_itself_alone(parameters, tmp_path):
    late = light_engine.write(tmp_path, "late", load=LATE)
    deployment = {**parameters["deploy"], "targets": ["onnxruntime-cpu", late], "processes": 2}
    experiment = quality.load(**parameters | {"deploy": deployment})
    found = quality.deploy(experiment, quality.evaluate(experiment))
    assert {m.subject.target for m in found.measurements} == {"onnxruntime-cpu"}
    assert {"accuracy", "latency_p50", "peak_memory"} <= {m.quantity for m in found.measurements}
    (absence,) = [a for a in found.absences if a.subject.target == "late"]
    assert "ended with code 9" in absence.reason
    assert "\n" not in absence.reason


@contextmanager
def files_no_larger_than(most_bytes):
    """Files that would grow beyond a limit fail as they do on a disk without room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_model_too_large_for_the_disk_is_absent_on_its_targets_with_one_line(parameters):
    experiment = quality.load(**parameters)
    evaluated = quality.evaluate(experiment)
    with files_no_larger_than(5000):
        found = quality.deploy(experiment, evaluated)
    assert found.measurements == ()
    assert {absence.subject.target for absence in found.absences} == {"onnxruntime-cpu", *FAULTS}
    for absence in found.absences:
        assert absence.reason.startswith("not measured: the model could not be saved: ")
        assert "File too large" in absence.reason
        assert "\n" not in absence.reason


def test_a_model_too_large_to_be_kept_costs_its_keeping_alone(parameters, tmp_path, monkeypatch):
    for name, path in CellFolders(model=tmp_path / "models" / "cell").environment.items():
        monkeypatch.setenv(name, path)
    training = {"epochs": 1, "batch_size": 8, "max_length": 16, "evaluations": 0}
    experiment = quality.load(**parameters | {"training": training, "max_length": None, "deploy": None})
    trained = quality.train(experiment)
    assert isinstance(trained, Trained)
    evaluated = quality.evaluate(experiment)
    with files_no_larger_than(5000):
        cost = quality.cost(experiment, trained, evaluated)
    assert "File too large" in cost.facts.training.not_kept
    assert "\n" not in cost.facts.training.not_kept
    assert {m.quantity for m in cost.measurements} >= {"train_time", "train_loss"}
    assert list((tmp_path / "models").iterdir()) == []
    assert quality.cost(experiment, trained, evaluated).facts.training.not_kept is None
    assert (tmp_path / "models" / "cell" / "model.safetensors").is_file()
