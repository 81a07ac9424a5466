"""What loads has the file's weights in its encoder, all of them; what would not is one line that says what is wrong."""

import json
import shutil
import tracemalloc

import pytest
import torch
from tiny_checkpoints import TINY, save, tokenizer
from transformers import BertConfig, BertForMaskedLM, BertModel, RobertaConfig, RobertaForMaskedLM

from benchbench.errors import InputError
from benchbench.models import loading
from benchbench.models.source import ModelSource


def change(folder, **settings):
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | settings))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"vocab_size": 44}, r"word_embeddings.weight is 40 × 16 in the file of weights and 44 × 16 by config.json"),
        ({"max_position_embeddings": 20}, "position_embeddings.weight is 32 × 16 .* 20 × 16"),
        ({"intermediate_size": 24}, "encoder.layer.0.*is 32.*24"),
        ({"type_vocab_size": 1}, "token_type_embeddings.weight is 2 × 16 .* 1 × 16"),
        ({"num_hidden_layers": 1}, "16 weights of the encoder, bert.encoder.layer.1.* does not use"),
        ({"num_hidden_layers": 3}, "lacks 16 weights of the encoder, bert.encoder.layer.2"),
        ({"num_hidden_layers": 10**7}, "num_hidden_layers 10000000, more than"),
        ({"hidden_size": -4}, "cannot load the weights of"),
        ({"num_attention_heads": 0}, "cannot load the weights of"),
        ({"layer_norm_eps": "1e-12"}, "config.json of .*layer_norm_eps.* expected float"),
        ({"layer_norm_eps": float("nan")}, "config.json is not the JSON of a model: .*NaN is no number"),
        ({"model_type": ["bert"]}, "names no model_type"),
    ],
)
def test_a_configuration_that_does_not_fit_the_weights_is_refused(tmp_path, changed, said):
    save(tmp_path)
    change(tmp_path, **changed)
    for load in (loading.check, loading.build):
        with pytest.raises(InputError, match=said) as told:
            load(ModelSource(str(tmp_path), "hub"))
        assert "\n" not in str(told.value)


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "is a Git-LFS pointer"),
        (lambda data: data[: len(data) // 2], "no whole safetensors|cannot load"),
        (lambda data: b"", "no whole safetensors|cannot load"),
    ],
    ids=["pointer", "half", "empty"],
)
def test_a_file_that_does_not_hold_the_weights_is_refused(tmp_path, spoil, said, binary):
    model = save(tmp_path)
    file = tmp_path / "model.safetensors"
    if binary:
        file.unlink()
        file = tmp_path / "pytorch_model.bin"
        torch.save(model.state_dict(), file)
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(InputError, match=said) as told:
        loading.check(ModelSource(str(tmp_path), "hub"))
    assert str(tmp_path) in str(told.value)


@pytest.mark.parametrize(
    "written",
    [
        BertForMaskedLM(BertConfig(**TINY)),
        BertModel(BertConfig(**TINY)),
        BertModel(BertConfig(**TINY), add_pooling_layer=False),
        RobertaForMaskedLM(RobertaConfig(**TINY)),
    ],
    ids=["pretraining head", "no prefix", "no pooler", "RoBERTa"],
)
@pytest.mark.parametrize("binary", [False, True])
def test_heads_poolers_buffers_and_prefixes_may_differ(tmp_path, written, binary):
    written.save_pretrained(tmp_path)
    if binary:
        (tmp_path / "model.safetensors").unlink()
        positions = {f"{written.base_model_prefix}.embeddings.position_ids": torch.arange(32)[None]}
        torch.save(written.state_dict() | positions, tmp_path / "pytorch_model.bin")
    source = ModelSource(str(tmp_path), "hub", num_labels=3)
    loading.check(source)
    model = loading.build(source)
    held = written.base_model.state_dict()
    of_encoder = {name: tensor for name, tensor in model.base_model.state_dict().items() if "pooler" not in name}
    assert of_encoder
    assert all(torch.equal(tensor, held[name]) for name, tensor in of_encoder.items())


def test_settings_of_an_earlier_use_change_nothing(tmp_path):
    save(tmp_path)
    batch = {"input_ids": torch.arange(5, 15)[None], "attention_mask": torch.ones(1, 10, dtype=torch.int64)}
    source = ModelSource(str(tmp_path), "hub")
    plain = loading.build(source)(**batch).logits
    left = {"output_attentions": True, "output_hidden_states": True, "return_dict": False, "torchscript": True}
    change(tmp_path, **left, problem_type="regression")
    model = loading.build(source)
    assert model.config.problem_type is None
    assert torch.equal(model(**batch).logits, plain)


def test_questions_are_answered_with_a_start_and_an_end_whatever_the_checkpoint_had(tmp_path):
    save(tmp_path, num_labels=5)
    model = loading.build(ModelSource(str(tmp_path), "hub", head="question-answering"))
    assert model.qa_outputs.out_features == 2


@pytest.mark.parametrize("missing", [("tokenizer.json",), ("tokenizer.json", "tokenizer_config.json")])
def test_a_folder_without_a_tokenizer_is_refused(tmp_path, missing):
    save(tmp_path)
    for name in missing:
        (tmp_path / name).unlink()
    with pytest.raises(InputError, match="holds no tokenizer"):
        loading.check_tokenizer(ModelSource(str(tmp_path), "hub"))
    loading.check_tokenizer(ModelSource(str(tmp_path), "random"))


def test_a_tokenizer_with_more_ids_than_the_embedding_has_rows_is_refused(tmp_path):
    save(tmp_path)
    larger = tokenizer()
    larger.add_tokens([f"word{n}" for n in range(60)])
    larger.save_pretrained(tmp_path)
    with pytest.raises(InputError, match=r"its tokenizer has ids up to \d+, its embedding only 40 rows"):
        loading.check_tokenizer(ModelSource(str(tmp_path), "hub"))


def test_a_pointer_for_a_tokenizer_is_refused(tmp_path):
    save(tmp_path)
    (tmp_path / "tokenizer.json").write_text("version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(InputError, match="cannot read the tokenizer of"):
        loading.check_tokenizer(ModelSource(str(tmp_path), "hub"))


def test_a_folder_here_never_stands_in_for_the_hubs_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "google-bert" / "bert-base-uncased")
    shutil.copytree(tmp_path / "google-bert" / "bert-base-uncased", tmp_path / "bert-base")
    with pytest.raises(InputError, match=r"the folder ./google-bert/bert-base-uncased would be read instead"):
        loading.build(ModelSource("bert-base", "hub"))


@pytest.mark.parametrize("size", ["vocab_size", "type_vocab_size", "intermediate_size"])
def test_a_size_beyond_all_memory_is_refused_before_memory_is_taken(tmp_path, size):
    save(tmp_path)
    _change_config(tmp_path, **{size: 2**40})
    with pytest.raises(InputError, match="in the file of weights and 1099511627776"):
        loading.build(ModelSource(str(tmp_path), "hub"))


def test_more_positions_than_any_encoder_has_are_refused(tmp_path):
    save(tmp_path)
    _change_config(tmp_path, max_position_embeddings=2**31)
    with pytest.raises(InputError, match="max_position_embeddings 2147483648, more than"):
        loading.check(ModelSource(str(tmp_path), "hub"))


def test_a_number_of_labels_left_in_a_config_costs_no_memory(tmp_path):
    save(tmp_path)
    _change_config(tmp_path, num_labels=10**6)
    source = ModelSource(str(tmp_path), "hub")
    loading.tokenizer(source)  # what is imported once is imported
    tracemalloc.start()
    try:
        loading.tokenizer(source)
        loading.check(source)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def _change_config(folder, **settings):
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | settings))
