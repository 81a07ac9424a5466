"""A fine-tuned model on its targets: what is timed there is what was scored, and whatever is not says so."""

import csv
import random

import pytest

from benchbench.records import REFERENCE
from benchbench.studies.quality import study as quality

WORDS = {"calm": ["quiet", "still", "soft", "slow"], "wild": ["storm", "crash", "roar", "blaze"]}

RUNTIME = """
import time
import numpy
from benchbench.targets.runtimes.onnx_runtime import OnnxRuntime

class Session:
    def __init__(self, real):
        self.real, self.runs, self.known = real, 0, {{}}

    def device_memory(self):
        return None

    def run(self, batch):
        self.runs += 1
{body}

class RUNTIME(OnnxRuntime):
    name = "{name}"

    def reads_weights(self):
        return True  # so that the time to prepare is not of interest, and one process prepares all of them

    def load(self, *given):
        return Session(super().load(*given))
"""
BODIES = {
    "stops": (
        "        if self.runs == 9:\n            raise ValueError('out of paper')\n        return self.real.run(batch)"
    ),
    "remembers": (
        "        key = batch['input_ids'].tobytes()\n"
        "        if key not in self.known:\n"
        "            time.sleep(0.001)\n"  # so that it can be seen that it computes only once
        "            self.known[key] = self.real.run(batch)\n"
        "        return self.known[key]"
    ),
    "drifts": "        return self.real.run(batch) + (self.runs > 60)",
    "nan": "        return self.real.run(batch) * numpy.nan",
    "wrong": "        return -self.real.run(batch)",
}
SCORED = ("torch-cpu", "onnxruntime-cpu-int8", "remembers", "drifts", "wrong")


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deployed")
    draw, table = random.Random(0), folder / "mood.csv"
    with table.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["text", "mood"])
        for number in range(240):
            mood = draw.choice([*WORDS])
            rows.writerow([" ".join([*draw.choices(WORDS[mood], k=draw.randint(3, 9)), f"n{number % 7}"]), mood])
    targets = ["torch-cpu", "onnxruntime-cpu-int8", "torch-cuda"]
    for name, body in BODIES.items():
        (folder / f"{name}.py").write_text(RUNTIME.format(body=body, name=name))
        (folder / f"{name}.yaml").write_text(f"name: {name}\nruntime: {name}.py\n")
        targets.append(str(folder / f"{name}.yaml"))
    targets.sort(key=lambda target: "remembers" not in target)  # a first target without times is no baseline
    experiment = quality.load(
        model="bert-tiny",
        weights="random",
        task="mood",
        custom={"path": str(table), "label": "mood"},
        training={"epochs": 3, "batch_size": 8, "learning_rate": 1e-3, "max_length": 16, "evaluations": 0},
        deploy={
            "targets": targets,
            "timed_examples": 8,
            "seconds": 1,
            "processes": 2,
            "cold_starts": 1,
            "energy": False,
        },
    )
    quality.train(experiment)
    return experiment


@pytest.fixture(scope="module")
def evaluated(experiment):
    return quality.evaluate(experiment)


@pytest.fixture(scope="module")
def deployed(experiment, evaluated):
    return quality.deploy(experiment, evaluated)


def of(findings, quantity):
    return {m.subject.target: m for m in findings.measurements if m.quantity == quantity}


def reason(findings, target, quantity=None):
    return next(a.reason for a in findings.absences if (a.subject.target, a.quantity) == (target, quantity))


def test_a_target_has_the_score_of_the_answers_that_it_gave_itself(evaluated, deployed):
    (reference,), (there,) = evaluated.facts.predictions, deployed.facts.predictions
    accuracy = of(deployed, "accuracy")
    assert set(accuracy) == set(there.given) == set(SCORED)
    for target, given in there.given.items():
        right = [answer == truth for answer, truth in zip(given, reference.truth, strict=True)]
        assert accuracy[target].value == pytest.approx(sum(right) / len(right))
        assert accuracy[target].samples == len(reference.truth)
    assert there.given["torch-cpu"] == reference.given[REFERENCE]


def test_the_change_is_that_of_the_same_examples(evaluated, deployed):
    before = of(evaluated, "accuracy")[None].value
    for target, change in of(deployed, "score_change").items():
        assert change.value == pytest.approx(of(deployed, "accuracy")[target].value - before)
    assert before > 0.9
    assert (of(deployed, "score_change")["torch-cpu"].value, of(deployed, "agreement")["torch-cpu"].value) == (0, 1)
    worse = of(deployed, "score_change")["wrong"]
    assert worse.ci_low <= worse.value < worse.ci_high < -0.5
    assert of(deployed, "agreement")["wrong"].value == 0


def test_each_system_has_its_speed_memory_and_bytes(deployed):
    bytes_on_disk = of(deployed, "artefact_bytes")
    assert bytes_on_disk["onnxruntime-cpu-int8"].value < bytes_on_disk["torch-cpu"].value
    for target in ("torch-cpu", "onnxruntime-cpu-int8"):
        assert of(deployed, "latency_p50")[target].value > 0
        assert of(deployed, "peak_memory")[target].value > 0
    assert of(deployed, "speedup")["onnxruntime-cpu-int8"].subject.baseline == "bert-tiny on torch-cpu"


def test_a_request_is_timed_from_its_text_to_its_answer(deployed):
    for target in ("torch-cpu", "onnxruntime-cpu-int8"):
        text, model = of(deployed, "text_latency_p50")[target].value, of(deployed, "latency_p50")[target].value
        assert 0 < model < text
        assert 0 < of(deployed, "tokenisation_share")[target].value < 1
        assert of(deployed, "cold_start")[target].value > of(deployed, "text_latency_p50")[target].value / 1000


def test_the_time_to_prepare_is_that_of_what_leaves_files(deployed):
    assert of(deployed, "prepare_time")["onnxruntime-cpu-int8"].value > 0.1
    assert "torch-cpu" not in of(deployed, "prepare_time")


def test_a_target_that_cannot_run_or_stops_half_way_is_absent_with_its_reason(deployed):
    assert "CUDA" in reason(deployed, "torch-cuda") or "NVIDIA" in reason(deployed, "torch-cuda")
    assert "stopped at text 9 of " in reason(deployed, "stops")
    assert "out of paper" in reason(deployed, "stops")
    assert "not finite" in reason(deployed, "nan")


def test_times_of_a_session_that_remembers_its_answers_are_not_shown(deployed):
    assert "remembers" not in of(deployed, "latency_p50")
    assert "it is not computed" in reason(deployed, "remembers", "latency_p50")


def test_times_of_a_session_whose_answers_change_are_not_shown(deployed):
    assert "drifts" not in of(deployed, "latency_p50")
    assert "not the one that was scored" in reason(deployed, "drifts", "latency_p50")


def test_a_model_computes_as_transformers_writes_it_only_while_it_is_scored(experiment):
    from benchbench.models.loading import build
    from benchbench.models.lowering import as_written, is_lowered, lower
    from benchbench.models.source import ModelSource

    model = lower(build(ModelSource("squeezebert-tiny")))
    with as_written(model):
        assert not is_lowered(model)
    assert is_lowered(model)
