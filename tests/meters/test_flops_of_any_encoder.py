"""FLOPs of encoders that are brought along, at lengths on both sides of what could go wrong."""

import math
import time
from dataclasses import replace

import pytest
import tiny_encoders
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchbench.errors import InputError
from benchbench.meters.flops.counting import count
from benchbench.models import loading
from benchbench.models.source import ModelSource
from benchbench.models.zoo import MODELS
from benchbench.studies.flop_report import flop_report

SHORT, HIDDEN_SIZE, LONG = 24, 64, 120  # tokens; ModernBERT's local window is 32


def counted(source, batch_size, tokens, head="sequence-classification"):
    return count(loading.skeleton(source), batch_size, tokens, head)


def test_the_tiny_encoders_are_of_all_architectures_of_the_zoo():
    assert {row.model_type for row in MODELS.values()} == set(tiny_encoders.OF_THE_ZOO)


@pytest.mark.parametrize("model_type", tiny_encoders.OF_THE_ZOO)
def test_three_counters_agree_for_each_architecture_of_the_zoo(tmp_path, model_type):
    source = tiny_encoders.write(tmp_path, model_type)
    for batch_size, tokens in ((1, SHORT), (3, HIDDEN_SIZE), (2, LONG)):
        found = counted(source, batch_size, tokens)
        assert found.verdict == "three counters agree"
        assert sum(found.by_layer_type.values()) == found.flops


@pytest.mark.parametrize("head", ["token-classification", "question-answering"])
@pytest.mark.parametrize("model_type", ["roberta", "xlm-roberta", "mpnet", "deberta-v2", "modernbert"])
def test_three_counters_agree_for_every_head(tmp_path, model_type, head):
    source = tiny_encoders.write(tmp_path, model_type)
    assert counted(replace(source, head=head), 2, LONG, head).verdict == "three counters agree"


@pytest.mark.parametrize("model_type", [t for t in tiny_encoders.OTHERS if t != "camembert"])
def test_a_model_without_a_formula_is_counted_by_two_and_says_so(tmp_path, model_type):
    for tokens in (SHORT, LONG):
        found = counted(tiny_encoders.write(tmp_path, model_type), 2, tokens)
        assert found.agree
        assert found.verdict == f"two counters agree; no closed form for {model_type}"
        assert found.counters["closed_form"] is None
        assert sum(found.by_layer_type.values()) == found.flops


@pytest.mark.parametrize("model_type", ["roberta", "camembert", "mpnet", "xlm-roberta"])
def test_robertas_kin_work_as_bert_of_their_size(tmp_path, model_type):
    bert = counted(tiny_encoders.write(tmp_path, "bert"), 1, LONG)
    assert counted(tiny_encoders.write(tmp_path, model_type), 1, LONG).flops == bert.flops


@pytest.mark.parametrize("pooling", ["cls", "mean"])
@pytest.mark.parametrize(("tokens", "flops"), [(32, 8_659_200), (64, 18_882_816), (128, 44_048_640)])
def test_pooling_is_no_matrix_work_at_any_length(tmp_path, pooling, tokens, flops):
    """By hand: 3 layers of 4·64² + 3·64·128 MACs a token and 2·64 a pair of tokens, a head of 64² + 2·64."""
    by_hand = 2 * (3 * tokens * (4 * 64**2 + 3 * 64 * 128 + 2 * 64 * tokens) + 64**2 + 2 * 64)
    source = tiny_encoders.write(tmp_path, "modernbert", classifier_pooling=pooling)
    assert counted(source, 1, tokens).flops == by_hand == flops


def test_relative_positions_are_projected_once_whatever_the_batch(tmp_path):
    source = tiny_encoders.write(tmp_path, "deberta-v2")
    one, two, four = (counted(source, batch_size, LONG).flops for batch_size in (1, 2, 4))
    table = 2 * 2 * 2 * (2 * 16) * 64**2  # FLOP: layers, keys and queries, rows of the table, width²
    assert two - one == (four - two) // 2
    assert one - (two - one) == table


@pytest.mark.parametrize("model_type", ["roberta", "modernbert", "deberta-v2", "funnel", "nystromformer"])
def test_counting_on_shapes_is_what_a_run_with_a_mask_of_ones_does(tmp_path, model_type):
    """Against PyTorch's own counter on real weights with eager attention, whose products it knows."""
    source = tiny_encoders.write(tmp_path, model_type)
    model = loading.build(source).requires_grad_(False)
    model.set_attn_implementation("eager")
    ids = torch.full((2, LONG), 7)
    with torch.inference_mode(), FlopCounterMode(display=False) as mode:
        model(input_ids=ids, attention_mask=torch.ones_like(ids))
    assert counted(source, 2, LONG).flops == mode.get_total_flops()


def test_the_figures_of_openvinos_model_zoo_differ_by_what_their_tool_adds(tmp_path):
    """bert-base-NER at 1 × 128: 22.3874 GOps, 107.43 M parameters."""
    sizes = {
        "vocab_size": 28996,
        "hidden_size": 768,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "intermediate_size": 3072,
        "max_position_embeddings": 512,
    }
    head = "token-classification"
    source = replace(tiny_encoders.write(tmp_path, "bert", **sizes), head=head, num_labels=9)
    found = counted(source, 1, 128, head)
    layers, tokens, width, scores = 12, 128, 768, 12 * 128 * 128
    biases = layers * tokens * (4 * width + 3072 + width) + tokens * 9
    queries, norms = layers * tokens * width, (2 * layers + 1) * tokens * width
    residuals = 2 * layers * tokens * width
    added = biases + residuals + queries + 2 * tokens * width + layers * scores * (1 + 5) + 4 * norms
    assert f"{found.flops / 1e9:.4f}" == "22.3490"
    assert f"{(found.flops + added) / 1e9:.4f}" == "22.3874"
    assert f"{(found.parameters - (512 - 128) * width) / 1e6:.2f}" == "107.43"


@pytest.mark.parametrize("model", ["squeezebert-tiny", "mobilebert"])
def test_the_time_of_counting_does_not_depend_on_the_batch(model):
    module = loading.skeleton(ModelSource(model))
    count(loading.skeleton(ModelSource("bert-tiny")), 1, 8)  # what is done once is done
    seconds = {}
    for batch_size in (1, 64):
        start = time.perf_counter()
        count(module, batch_size, 128)
        seconds[batch_size] = time.perf_counter() - start
    assert seconds[64] < 4 * seconds[1] + 1


def test_a_model_whose_work_depends_on_its_text_has_no_count_and_a_reason(tmp_path):
    folder = tmp_path / "reads"
    module = loading.skeleton(tiny_encoders.write(folder, "bert"))
    plain = module.forward

    def forward(input_ids, attention_mask):
        if input_ids.sum().item() > 3:
            return plain(input_ids, attention_mask)
        return plain(input_ids[:, :1], attention_mask[:, :1])

    module.forward = forward
    found = count(module, 1, SHORT)
    assert found.flops is None
    assert set(found.missed) == {"fvcore", "torch"}
    assert "does not run on shapes alone" in found.verdict
    assert "\n" not in found.verdict


def test_positions_kept_for_padding_are_no_tokens(tmp_path):
    roberta = str(tiny_encoders.write(tmp_path, "roberta", max_position_embeddings=66).model.path)
    assert flop_report(roberta, sequence_length=64)["agree"]
    with pytest.raises(InputError, match=r"1 to 64 tokens; got 1 × 65"):
        flop_report(roberta, sequence_length=65)


def test_a_model_without_a_bound_takes_any_length_and_a_long_one_its_own(tmp_path):
    funnel, long = (
        tiny_encoders.write(tmp_path, "funnel"),
        tiny_encoders.write(tmp_path, "modernbert", max_position_embeddings=4096),
    )
    assert flop_report(str(funnel.model.path), sequence_length=700)["agree"]
    at_most = flop_report(str(long.model.path), sequence_length=4096)
    assert at_most["verdict"] == "three counters agree"
    with pytest.raises(InputError, match="1 to 4096 tokens"):
        flop_report(str(long.model.path), sequence_length=4097)
    assert math.isclose(at_most["by_layer_type"]["attention products"], 2 * 3 * 2 * 4096**2 * 64)
