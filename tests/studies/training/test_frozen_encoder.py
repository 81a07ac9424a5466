"""A head fitted to what a frozen encoder gives: the model is one like any other, its encoder as it was."""

import numpy
import pytest
import torch
from sklearn.linear_model import LogisticRegression, Ridge

from benchbench.errors import InputError, TrainingDiverged
from benchbench.models.loading import build
from benchbench.models.source import ModelSource
from benchbench.places import bare, local
from benchbench.studies.training.fine_tuning import fine_tune
from benchbench.studies.training.frozen_encoder import fitted, last_layer
from benchbench.studies.training.prediction import predict
from benchbench.suites.schema import Training
from benchbench.tasks import kinds, synthetic
from benchbench.tasks.registry import find
from benchbench.tasks.task import TaskData
from benchbench.tasks.tokenization import tokenise

FROZEN = Training(encoder="frozen", batch_size=8, max_length=32, evaluations=2, precision="fp32")
RNG = numpy.random.default_rng(0)


@pytest.fixture(scope="module", autouse=True)
def no_meter_waits():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchbench.studies.training.fine_tuning.READING_SECONDS", 0.0)
        yield


def tokens_of(name):
    data = synthetic.generate(find(name))
    few = TaskData(data.task, data.train.select(range(200)), {"validation": data.train.select(range(40))}, "", "")
    return tokenise(few, synthetic.tokenizer(), 32)


def train(name, model, tokens, training=FROZEN):
    kind = kinds.of(find(name))
    model.config.problem_type = kind.problem
    return fine_tune(
        model,
        tokens.train,
        synthetic.tokenizer(),
        training,
        kind=kind,
        seed=0,
        score=lambda: 0.5,
        country="USA",
    )


@pytest.fixture(scope="module")
def tokens():
    return tokens_of("sst2-synthetic")


@pytest.fixture(scope="module", params=["squeezebert-tiny", "bert-tiny"])
def trained(request, tokens):
    return train("sst2-synthetic", build(ModelSource(request.param, lowered=True)), tokens)


def test_only_the_last_layer_differs(trained):
    before = build(ModelSource(trained.model.config.model_type + "-tiny")).state_dict()
    changed = {name for name, now in trained.model.state_dict().items() if not torch.equal(now, before[name])}

    assert changed == {"classifier.weight", "classifier.bias"}


def test_the_head_answers_what_the_regression_does_and_better_than_chance(tokens, trained):
    caught = []
    hook = trained.model.classifier.register_forward_pre_hook(lambda _, given: caught.append(given[0]))
    logits = predict(trained.model, tokens.train, synthetic.tokenizer(), 200)
    hook.remove()
    features = torch.cat(caught).numpy()
    order = numpy.argsort([len(ids) for ids in tokens.train["input_ids"]], kind="stable")
    labels, given = numpy.array(tokens.train["labels"])[order], numpy.array(logits)[order]
    scaled = (features - features.mean(0)) / features.std(0)
    regression = LogisticRegression(max_iter=1000).fit(scaled, labels)

    numpy.testing.assert_allclose(given[:, 1] - given[:, 0], regression.decision_function(scaled), atol=0.05)
    assert (given.argmax(1) == labels).mean() > 0.7
    assert trained.loss < numpy.log(2)


def test_a_saved_model_is_read_as_any_other(tokens, trained, tmp_path):
    trained.model.save_pretrained(tmp_path)
    read = build(ModelSource(bare(tmp_path), local(tmp_path), lowered=True))
    both = (
        predict(model, tokens.evaluation["validation"], synthetic.tokenizer(), 8) for model in (trained.model, read)
    )

    numpy.testing.assert_array_equal(*both)


def test_training_says_what_it_did_once(trained):
    assert trained.examples == 200
    assert [(point.examples, point.score) for point in trained.curve] == [(200, 0.5)]
    assert trained.speed_ups[0] == "frozen encoder"
    assert {"short loop", "fast dropout"}.isdisjoint(trained.speed_ups)


def test_a_training_of_a_second_is_done_again_until_its_energy_can_be_read(tokens, trained, monkeypatch):
    monkeypatch.setattr("benchbench.studies.training.fine_tuning.READING_SECONDS", 10.5)
    metered = train("sst2-synthetic", build(ModelSource("bert-tiny")), tokens)

    assert metered.energy.seconds >= 10
    assert metered.seconds < 5
    assert (metered.examples, len(metered.curve)) == (200, 1)


def test_a_regression_is_fitted_to_values():
    tokens = tokens_of("stsb-synthetic")
    model = build(ModelSource("bert-tiny", num_labels=1))
    trained = train("stsb-synthetic", model, tokens)
    found = numpy.array(predict(trained.model, tokens.train, synthetic.tokenizer(), 50))[:, 0]

    assert numpy.corrcoef(found, tokens.train["labels"])[0, 1] > 0.5


def test_several_classes_are_those_of_the_regression():
    features, labels = RNG.normal(3, 2, (300, 4)), RNG.integers(0, 3, 300)
    weights, biases = fitted("single_label_classification", features, labels, 3)
    regression = LogisticRegression(max_iter=1000).fit((features - features.mean(0)) / features.std(0), labels)

    given = features @ weights.T + biases
    chances = numpy.exp(given) / numpy.exp(given).sum(1, keepdims=True)
    numpy.testing.assert_allclose(
        chances, regression.predict_proba((features - features.mean(0)) / features.std(0)), atol=1e-6
    )


def test_a_class_without_an_example_is_never_the_answer():
    features = RNG.normal(0, 1, (60, 4))
    weights, biases = fitted("single_label_classification", features, numpy.arange(60) % 2 * 2, 3)

    assert set((features @ weights.T + biases).argmax(1)) <= {0, 2}


def test_each_label_of_several_has_a_regression_and_one_that_all_have_applies():
    features = RNG.normal(0, 1, (200, 3))
    labels = numpy.stack([features[:, 0] > 0, numpy.ones(200), numpy.zeros(200)], axis=1)
    weights, biases = fitted("multi_label_classification", features, labels, 3)
    applies = features @ weights.T + biases > 0

    assert (applies[:, 0] == labels[:, 0]).mean() > 0.95
    assert applies[:, 1].all()
    assert not applies[:, 2].any()


def test_values_are_those_of_ridge_regression_and_a_constant_feature_counts_for_nothing():
    features = numpy.column_stack([RNG.normal(5, 3, 100), numpy.ones(100)])
    values = 2 * features[:, 0] + RNG.normal(0, 0.1, 100)
    weights, biases = fitted("regression", features, values, 1)
    scaled = (features - features.mean(0)) / numpy.array([features[:, 0].std(), 1.0])

    numpy.testing.assert_allclose((features @ weights.T + biases)[:, 0], Ridge().fit(scaled, values).predict(scaled))


def test_what_the_encoder_gives_has_to_be_numbers(tokens):
    model = build(ModelSource("bert-tiny"))
    with torch.no_grad():
        model.bert.pooler.dense.bias.fill_(float("nan"))

    with pytest.raises(TrainingDiverged, match="not a number"):
        train("sst2-synthetic", model, tokens)


def test_a_head_without_a_linear_layer_of_its_own_is_one_line():
    model = build(ModelSource("bert-tiny"))
    model.classifier = torch.nn.Identity()

    with pytest.raises(InputError, match="ends in a linear layer"):
        last_layer(model)


def test_labels_of_tokens_are_refused_by_name():
    with pytest.raises(InputError, match=r"labels of whole texts .*; conll2003 is token-classification"):
        kinds.check_labels_whole_texts(find("conll2003"), "encoder: frozen")


def test_a_teacher_is_for_a_trained_encoder():
    with pytest.raises(ValueError, match="fitted to the labels alone"):
        Training(encoder="frozen", distillation={"teacher": "bert-base-uncased"})
