"""A fine-tuned checkpoint is scored as it is, its labels matched by name; what is none for the task is refused."""

import json
import random
import shutil

import pytest
import torch
from tiny_checkpoints import save

from benchbench.errors import InputError
from benchbench.execution import preflight
from benchbench.models.loading import build
from benchbench.models.source import ModelSource
from benchbench.studies.quality import study as quality
from benchbench.studies.quality.label_names import order
from benchbench.suites.reading import parse
from benchbench.tasks.registry import find

LABELS = ("entailment", "neutral", "contradiction")
TOPICS = (["wave", "harbour", "sail"], ["barn", "wheat", "plough"], ["tram", "market", "kiosk"])
TARGETS = ("onnxruntime-cpu-int8",)
SCORES = {"accuracy", "macro_f1", "score_change", "agreement"}


def table(path, examples):
    """Texts about one of three topics; now and then about another, so that no model is right everywhere."""
    draw = random.Random(0)
    lines = ["text,label"]
    for number in range(examples):
        about = number % 3
        told = draw.randrange(3) if number % 5 == 0 else about
        lines.append(f"{' '.join(draw.choices(TOPICS[told], k=3))} n{number % 7},{LABELS[about]}")
    path.write_text("\n".join(lines))
    return str(path)


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    custom = {"path": table(tmp_path_factory.mktemp("data") / "mine.csv", 150), "labels": LABELS}
    return {"task": "mine", "custom": {**custom, "metrics": ("accuracy", "macro_f1"), "evaluation_fraction": 0.3}}


@pytest.fixture(scope="module")
def checkpoint(task, tmp_path_factory):
    """A model that has learned the task, as transformers saves one."""
    training = {"epochs": 4, "batch_size": 8, "learning_rate": 2e-3, "max_length": 16, "evaluations": 0}
    experiment = quality.load(model="bert-tiny", weights="random", training=training, **task)
    quality.train(experiment)
    experiment.save(folder := tmp_path_factory.mktemp("model") / "tuned")
    return folder


def renamed(checkpoint, folder, names, rows=(0, 1, 2)):
    """A copy whose head has its outputs in the order `rows` and calls them `names`."""
    shutil.copytree(checkpoint, folder)
    model = build(ModelSource(str(checkpoint), "hub", num_labels=len(LABELS)))
    with torch.no_grad():
        model.classifier.weight.copy_(model.classifier.weight[list(rows)])
        model.classifier.bias.copy_(model.classifier.bias[list(rows)])
    model.config.id2label = dict(enumerate(names))
    model.config.label2id = {name: number for number, name in enumerate(names)}
    model.save_pretrained(folder)
    return folder


@pytest.fixture
def permuted(checkpoint, tmp_path):
    return renamed(checkpoint, tmp_path / "permuted", ("CONTRADICTION", "Entailment", "neutral"), (2, 0, 1))


def scored(folder, task, **more):
    experiment = quality.load(model=str(folder), weights="hub", training="none", max_length=16, **task, **more)
    trained = quality.train(experiment)
    evaluated = quality.evaluate(experiment)
    return (evaluated, quality.deploy(experiment, evaluated), quality.cost(experiment, trained, evaluated)), trained


def values(findings):
    return {
        (m.subject.target, m.quantity): (m.value, m.ci_low, m.ci_high)
        for m in findings.measurements
        if m.quantity in SCORES
    }


def test_labels_in_another_order_change_no_score_on_a_target_either(checkpoint, permuted, task):
    deploy = {
        "targets": TARGETS,
        "seconds": 0.2,
        "timed_examples": 4,
        "processes": 1,
        "cold_starts": 0,
        "energy": False,
    }
    found, given = [], []
    for folder in (checkpoint, permuted):
        (evaluated, deployed, _), _ = scored(folder, task, deploy=deploy)
        found.append({**values(evaluated), **values(deployed)})
        given.append((evaluated.facts.predictions, deployed.facts.predictions))
    assert {target for target, _ in found[0]} == {None, *TARGETS}
    assert found[0] == found[1]
    assert given[0] == given[1]
    assert 0.6 < found[0][None, "accuracy"][0] < 1


def test_nothing_is_spent_and_the_facts_say_so(checkpoint, task):
    (evaluated, deployed, cost), trained = scored(checkpoint, task)
    assert trained._repr_html_() == "<p>tuned was not trained here: it is scored as it is.</p>"
    assert not deployed.measurements
    assert not cost.measurements
    assert not [m for m in evaluated.measurements if m.quantity.startswith("train_")]
    assert cost.facts.training.precision is None
    assert cost.facts.training.data_notes[-1] == "tuned was not trained here: it is scored as it is"


@pytest.mark.parametrize(
    ("names", "labels", "said"),
    [
        (("LABEL_0", "LABEL_1", "LABEL_2"), None, r"are LABEL_0, LABEL_1, LABEL_2, those of mine entailment, neutral"),
        (("yes", "maybe", "no"), None, r"are yes, maybe, no, those of mine entailment, neutral, contradiction; name"),
        (("entailment", "Entailment", "neutral"), None, "are entailment, Entailment, neutral, those of mine"),
        (("LABEL_0", "LABEL_1", "LABEL_2"), ("a", "b", "c"), "are a, b, c, those of mine entailment"),
        (("yes", "maybe", "no"), LABELS, "are yes, maybe, no, those of mine"),
    ],
)
def test_labels_of_other_names_are_refused_with_both_lists(checkpoint, task, tmp_path, names, labels, said):
    folder = renamed(checkpoint, tmp_path / "other", names)
    with pytest.raises(InputError, match=rf"labels of the checkpoint .*other {said}") as told:
        scored(folder, task, labels=labels)
    assert "\n" not in str(told.value)


def test_the_suite_may_say_what_the_outputs_are(checkpoint, task, tmp_path):
    folder = renamed(checkpoint, tmp_path / "unnamed", ("LABEL_0", "LABEL_1", "LABEL_2"), (2, 0, 1))
    (named, *_), _ = scored(folder, task, labels=(LABELS[2], LABELS[0], LABELS[1]))
    (known, *_), _ = scored(checkpoint, task)
    assert values(named) == values(known)
    (wrong, *_), _ = scored(folder, task, labels=LABELS)
    assert values(wrong) != values(known)


def block(model, task="rte-synthetic", weights="hub", more=""):
    text = f"{{models: ['{model}'], tasks: [{task}], weights: {weights}, data: synthetic, training: none{more}}}"
    return parse(f"name: mine\ntitle: Mine\nquality:\n  - {text}\n", "mine.yaml")


def test_a_checkpoint_without_a_trained_head_is_refused_before_anything_runs(tmp_path):
    model = save(tmp_path / "headless", id2label={0: "entailment", 1: "not_entailment"})
    kept = {name: tensor for name, tensor in model.state_dict().items() if "classifier" not in name}
    model.save_pretrained(tmp_path / "headless", state_dict=kept)
    model.bert.save_pretrained(tmp_path / "bare")
    shutil.copy(tmp_path / "headless" / "tokenizer.json", tmp_path / "bare")
    shutil.copy(tmp_path / "headless" / "tokenizer_config.json", tmp_path / "bare")
    save(tmp_path / "three", num_labels=3)
    for name, said in (
        ("headless", r"the file of weights lacks classifier\."),
        ("bare", "its config.json says BertModel"),
        ("three", "it has 3"),
    ):
        with pytest.raises(InputError, match=f"the checkpoint .*{name} is no classifier with 2 labels: {said}"):
            preflight.check(block(tmp_path / name, more=", max_length: 16"))


def test_a_score_needs_a_head_with_one_output(tmp_path):
    save(tmp_path / "one", num_labels=1)
    save(tmp_path / "two")
    preflight.check(block(tmp_path / "one", "stsb-synthetic", more=", max_length: 16"))
    with pytest.raises(InputError, match="two is no classifier with 1 label: it has 2; fine-tune it on stsb-synthetic"):
        preflight.check(block(tmp_path / "two", "stsb-synthetic", more=", max_length: 16"))


def test_random_weights_are_no_checkpoint():
    with pytest.raises(InputError, match="training is none, and bert-tiny has random weights; give a fine-tuned"):
        preflight.check(block("bert-tiny", weights="random"))


@pytest.mark.parametrize(
    ("task", "names", "found"),
    [
        ("rte", ("NOT ENTAILMENT", "entailment"), (1, 0)),
        ("qnli", ("entailment", "not-entailment"), (0, 1)),
        ("mnli", ("contradiction", "entailment", "neutral"), (1, 2, 0)),
    ],
)
def test_names_are_the_same_however_they_are_written(tmp_path, task, names, found):
    save(tmp_path / "named", id2label=dict(enumerate(names)))
    assert order(ModelSource(str(tmp_path / "named"), "hub", num_labels=len(names)), find(task), "checkpoint") == found


def test_tags_are_matched_by_name_too(tmp_path):
    task = find("conll2003")
    names = ("O", "B-MISC", "I-MISC", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
    save(tmp_path / "tagger", id2label=dict(enumerate(names)))
    file = tmp_path / "tagger" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"architectures": ["BertForTokenClassification"]}))
    source = ModelSource(str(tmp_path / "tagger"), "hub", head="token-classification", num_labels=len(names))
    assert [names[place] for place in order(source, task, "checkpoint")] == list(task.labels)
    kinds = ("O", *(f"{kind}-{number}" for kind in ("PER", "ORG", "LOC", "MISC") for number in "12"))
    file.write_text(json.dumps(json.loads(file.read_text()) | {"id2label": dict(enumerate(kinds))}))
    with pytest.raises(InputError, match=r"are O, PER-1, PER-2, .* those of conll2003 O, B-PER"):
        order(source, task, "checkpoint")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (", per_task: {rte-synthetic: {epochs: 1}}", "per_task: training is none, and none of its settings can differ"),
        (", labels: []", "labels"),
        (", max_length: 4", "max_length"),
    ],
)
def test_settings_that_mean_nothing_without_training_are_refused(more, said):
    with pytest.raises(InputError, match=rf"mine.yaml, line 4: quality.0.*{said}"):
        block("bert-tiny", more=more)


def test_null_means_the_same_as_none_and_labels_belong_to_it():
    assert block("bert-tiny").quality[0].training is None
    text = "name: a\ntitle: A\nquality:\n  - {models: [a/b], tasks: [rte], training: null}\n"
    assert parse(text, "a.yaml").quality[0].training is None
    with pytest.raises(InputError, match="labels: it is for training: none"):
        parse(text.replace("training: null", "labels: [a, b]"), "a.yaml")
