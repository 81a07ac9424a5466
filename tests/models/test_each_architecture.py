"""A step of training, an exported file and its logits for each architecture, at random weights of a tiny size."""

from dataclasses import replace

import numpy
import pytest
import tiny_encoders
import torch
from weights import weights_hash

from benchbench.models import loading
from benchbench.models.logits import Logits, input_names
from benchbench.studies.training.fine_tuning import fine_tune
from benchbench.studies.training.prediction import predict
from benchbench.suites.schema import Training
from benchbench.targets import artefacts, catalogue, inputs
from benchbench.targets.protocol import Job, Shape
from benchbench.targets.session import open_session
from benchbench.tasks import kinds, synthetic
from benchbench.tasks.registry import find
from benchbench.tasks.task import TaskData
from benchbench.tasks.tokenization import tokenise

ALL = (*tiny_encoders.OF_THE_ZOO, *tiny_encoders.OTHERS)
NOT_EXPORTED = {"fnet": "fft_fftn", "funnel": "depends on the shape"}
AROUND_THE_BOUND = (704, 705)  # tokens
LENGTHS = ([1], [7], [24, 9], [120, 64, 1])  # of the texts of a batch; ModernBERT's local window is 32


@pytest.fixture(scope="module")
def pairs():
    """Two texts an example, so that a tokenizer of BERT's gives two types of tokens, and ids up to 500."""
    data = synthetic.generate(find("rte-synthetic"))
    few = TaskData(
        data.task,
        data.train.select(range(16)),
        {"validation": data.evaluation["validation"].select(range(6))},
        "synthetic",
        "",
    )
    return tokenise(few, synthetic.tokenizer(), 32)


@pytest.mark.parametrize("model_type", ALL)
def test_a_step_of_training_changes_weights_and_predicts(tmp_path, pairs, model_type):
    source = tiny_encoders.write(tmp_path, model_type, vocab_size=len(synthetic.tokenizer()))
    model = loading.build(replace(source, lowered=True))
    before = weights_hash(model)
    trained = fine_tune(
        model,
        pairs.train,
        synthetic.tokenizer(),
        Training(epochs=1, batch_size=8, max_length=32, evaluations=0, learning_rate=1e-3),
        kind=kinds.of(find("rte-synthetic")),
        seed=0,
        score=lambda: 0.0,
        country="USA",
    )
    assert trained.examples == 16
    assert 0 < trained.padding_waste < 1
    assert weights_hash(model) != before
    logits = predict(trained.model, pairs.evaluation["validation"], synthetic.tokenizer(), 4)
    assert [row.shape for row in logits] == [(2,)] * 6
    assert numpy.isfinite(logits).all()


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """What one process makes of each architecture, and of a BigBird at its bound and beyond, for ONNX Runtime."""
    folder = tmp_path_factory.mktemp("exported")
    sources = {model_type: tiny_encoders.write(folder, model_type) for model_type in ALL}
    for positions in AROUND_THE_BOUND:
        own = folder / str(positions)
        sources[positions] = tiny_encoders.write(own, "big_bird", max_position_embeddings=positions)
    jobs = [Job(source, catalogue.find("onnxruntime-cpu"), Shape(2, 24)) for source in sources.values()]
    return dict(zip(sources, artefacts.prepare_all(jobs, folder / "cache"), strict=True))


@pytest.mark.parametrize("model_type", ALL)
def test_an_exported_file_gives_the_models_logits_at_every_length_or_says_why_not(exported, model_type):
    made = exported[model_type]
    if model_type in NOT_EXPORTED:
        assert NOT_EXPORTED[model_type] in made.reason
        return
    session = open_session(made)
    reference = Logits(loading.build(made.job.source))
    for lengths in LENGTHS:
        batch = inputs.batch(Shape(len(lengths), max(lengths)), 500, 0, lengths)
        with torch.inference_mode():
            expected = reference(**{name: torch.from_numpy(array) for name, array in batch.items()})
        numpy.testing.assert_allclose(session.run(batch), expected, atol=1e-5)


def test_a_model_that_attends_sparsely_to_long_texts_is_exported_only_for_short_ones(exported):
    """BigBird attends fully up to (5 + 2·3) blocks of 64 tokens."""
    short, long = (exported[positions] for positions in AROUND_THE_BOUND)
    assert open_session(short)
    assert "sparse in texts of more than 704 tokens" in long.reason


@pytest.mark.parametrize(
    ("model_type", "taken"),
    [
        ("bert", {"input_ids", "attention_mask", "token_type_ids"}),
        ("roberta", {"input_ids", "attention_mask"}),
        ("deberta-v2", {"input_ids", "attention_mask"}),
        ("distilbert", {"input_ids", "attention_mask"}),
        ("fnet", {"input_ids", "token_type_ids"}),
    ],
)
def test_inputs_are_those_that_make_a_difference(tmp_path, model_type, taken):
    assert set(input_names(loading.skeleton(tiny_encoders.write(tmp_path, model_type)))) == taken


def test_flags_left_over_in_a_config_change_nothing(tmp_path):
    ids = torch.arange(20).reshape(2, 10)
    for model_type in ("bert", "squeezebert"):
        logits = []
        for folder, flags in (("plain", {}), ("flags", {"output_attentions": True, "return_dict": False})):
            source = tiny_encoders.write(tmp_path / folder, model_type, **flags)
            logits.append(Logits(loading.build(replace(source, lowered=True)))(ids, torch.ones_like(ids)))
        assert torch.equal(*logits)
