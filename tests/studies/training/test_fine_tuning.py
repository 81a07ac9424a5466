import control_groups
import datasets
import numpy
import pytest
import tiny_encoders
import torch

from benchbench.errors import TrainingDiverged
from benchbench.meters import energy
from benchbench.models.loading import build
from benchbench.models.source import ModelSource
from benchbench.places import bare, local
from benchbench.studies.training import fine_tuning
from benchbench.studies.training.fine_tuning import fine_tune
from benchbench.studies.training.prediction import predict, reads_padding
from benchbench.suites.schema import Training
from benchbench.tasks import kinds, synthetic
from benchbench.tasks.registry import find
from benchbench.tasks.task import TaskData
from benchbench.tasks.tokenization import tokenise

KIND = kinds.of(find("sst2-synthetic"))
SHORT = Training(epochs=2, learning_rate=1e-3, batch_size=8, max_length=32, evaluations=2)


@pytest.fixture(scope="module")
def tokens():
    data = synthetic.generate(find("sst2-synthetic"))
    few = TaskData(
        data.task,
        data.train.select(range(64)),
        {"validation": data.evaluation["validation"].select(range(40))},
        "synthetic",
        "",
    )
    return tokenise(few, synthetic.tokenizer(), 32)


def train(tokens, seed=0, training=SHORT):
    model = build(ModelSource("squeezebert-tiny", seed=seed, lowered=training.lowered))
    scores = iter(range(100))
    return fine_tune(
        model,
        tokens.train,
        synthetic.tokenizer(),
        training,
        kind=KIND,
        seed=seed,
        score=lambda: float(next(scores)),
        country="USA",
    )


def logits(tokens, trained, batch_size=8):
    return predict(trained.model, tokens.evaluation["validation"], synthetic.tokenizer(), batch_size)


@pytest.fixture(scope="module")
def trained(tokens):
    """With seed 0; tests only read it."""
    return train(tokens)


def test_the_same_seed_gives_the_same_model_to_the_last_bit(tokens, trained):
    numpy.testing.assert_array_equal(logits(tokens, train(tokens)), logits(tokens, trained))


def test_in_bf16_too_the_same_seed_gives_the_same_model_to_the_last_bit(tokens):
    bf16 = SHORT.model_copy(update={"precision": "bf16"})
    first, second = (train(tokens, training=bf16) for _ in range(2))
    assert "bf16 between layers" in first.speed_ups
    numpy.testing.assert_array_equal(logits(tokens, first), logits(tokens, second))


def test_a_model_trained_in_bf16_is_scored_in_fp32_as_it_will_be_once_it_is_saved_and_read(tokens, tmp_path):
    trained = train(tokens, training=SHORT.model_copy(update={"precision": "bf16", "epochs": 1}))
    trained.model.save_pretrained(tmp_path)
    read = build(ModelSource(bare(tmp_path), local(tmp_path), lowered=True))
    again = predict(read, tokens.evaluation["validation"], synthetic.tokenizer(), 8)
    numpy.testing.assert_array_equal(logits(tokens, trained), again)


def test_a_point_of_the_curve_is_scored_in_fp32_too_where_training_is_in_bf16(tokens):
    model, seen = build(ModelSource("bert-tiny", seed=0)), []

    def score():
        seen.append(predict(model, tokens.evaluation["validation"], synthetic.tokenizer(), 8))
        return 0.0

    training = SHORT.model_copy(update={"precision": "bf16", "epochs": 1, "evaluations": 1})
    for loop in ("short", "trainer"):
        chosen = training.model_copy(update={"loop": loop})
        options = {"kind": KIND, "seed": 0, "score": score, "country": "USA"}
        assert fine_tune(model, tokens.train, synthetic.tokenizer(), chosen, **options).precision == "bf16"
        after = predict(model, tokens.evaluation["validation"], synthetic.tokenizer(), 8)
        numpy.testing.assert_array_equal(seen[-1], after)


def test_a_training_a_little_too_short_for_a_power_meter_goes_on_for_it_and_gives_the_same_model(
    tokens, trained, monkeypatch
):
    monkeypatch.setattr(energy, "MIN_SECONDS", trained.seconds * 1.3)
    monkeypatch.setattr(energy, "MIN_SAMPLES", 0)
    monkeypatch.setattr(fine_tuning, "READING_SECONDS", trained.seconds * 1.5)
    metered = train(tokens)

    assert metered.energy.seconds > trained.seconds * 1.3
    assert metered.seconds < metered.energy.seconds
    assert len(metered.curve) == SHORT.evaluations
    numpy.testing.assert_array_equal(logits(tokens, metered), logits(tokens, trained))


def test_another_seed_gives_another_model(tokens, trained):
    assert not numpy.array_equal(logits(tokens, train(tokens, 1)), logits(tokens, trained))


def test_the_learning_curve_says_what_each_score_had_cost(trained):
    assert [point.examples for point in trained.curve] == [64, 128]
    assert [point.score for point in trained.curve] == [0.0, 1.0]
    assert 0 < trained.curve[0].seconds < trained.curve[1].seconds <= trained.seconds
    assert trained.examples == 128


def test_predictions_come_in_the_order_of_the_examples_whatever_the_batch(tokens, trained):
    together, alone = logits(tokens, trained, 16), logits(tokens, trained, 1)
    assert numpy.shape(together) == (40, 2)
    numpy.testing.assert_allclose(together, alone, atol=1e-4)


def test_a_text_is_answered_as_it_is_alone_by_a_model_that_reads_the_padding_behind_it(tokens, tmp_path):
    """MobileBERT, whose published weights have an embedding of padding that is not zero."""
    model = build(tiny_encoders.write(tmp_path, "mobilebert", initializer_range=0.3, vocab_size=2000))
    assert not reads_padding(model)
    with torch.no_grad():
        model.get_input_embeddings().weight[model.config.pad_token_id] = 1.0
    assert reads_padding(model)
    texts = tokens.evaluation["validation"]
    together, alone = (predict(model, texts, synthetic.tokenizer(), size) for size in (16, 1))
    numpy.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-4)


def test_a_loss_that_is_no_number_ends_training_with_the_step(tokens):
    broken = tokens.train.map(lambda _: {"labels": 0})
    model = build(ModelSource("squeezebert-tiny"))
    with torch.no_grad():
        model.classifier.bias.fill_(float("nan"))
    with pytest.raises(TrainingDiverged, match="diverged: the loss is nan at step 1"):
        fine_tune(model, broken, synthetic.tokenizer(), SHORT, kind=KIND, seed=0, score=lambda: 0.0, country="USA")


def test_training_leaves_torch_as_it_was_and_counts_threads_as_engines_do(tokens, tmp_path, monkeypatch):
    control_groups.move(monkeypatch, control_groups.quota(tmp_path, 1))
    monkeypatch.setattr(torch.utils.deterministic, "fill_uninitialized_memory", True)
    before, seen = torch.get_num_threads(), []
    torch.set_num_threads(2)

    def score():
        seen.append((torch.get_num_threads(), torch.utils.deterministic.fill_uninitialized_memory))
        return 0.0

    model = build(ModelSource("squeezebert-tiny"))
    fine_tune(model, tokens.train, synthetic.tokenizer(), SHORT, kind=KIND, seed=0, score=score, country="USA")
    assert set(seen) == {(1, False)}
    assert torch.utils.deterministic.fill_uninitialized_memory
    assert torch.get_num_threads() == 2
    torch.set_num_threads(before)


def test_batches_of_similar_length_waste_little_on_padding():
    data = datasets.Dataset.from_dict(
        {
            "input_ids": [[5] * (4 if i % 2 else 32) for i in range(64)],
            "attention_mask": [[1] * (4 if i % 2 else 32) for i in range(64)],
            "labels": [i % 2 for i in range(64)],
        }
    )
    model = build(ModelSource("squeezebert-tiny"))
    trained = fine_tune(model, data, synthetic.tokenizer(), SHORT, kind=KIND, seed=0, score=lambda: 0.0, country="USA")
    assert trained.padding_waste < 0.35  # in random order it would be 0.44
