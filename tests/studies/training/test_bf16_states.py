"""With bf16 states, everything between the embeddings and the head is bf16; what is learned and scored is fp32."""

import pytest
import tiny_encoders
import torch

from benchbench.models.loading import build
from benchbench.models.source import ModelSource
from benchbench.studies.training.bf16_states import bf16_states, can_be_bf16

WORDS = torch.arange(5, 29).view(2, 12)


def states(model, *, autocast):
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        return model(input_ids=WORDS, output_hidden_states=True, labels=torch.tensor([0, 1]))


@pytest.mark.parametrize("name", ["squeezebert-tiny", "bert-tiny"])
def test_every_layer_gets_bf16_in_autocast_and_gradients_and_loss_are_fp32(name):
    model = build(ModelSource(name, seed=0))
    assert {state.dtype for state in states(model, autocast=True).hidden_states} == {torch.float32}
    with bf16_states(model):
        found = states(model.train(), autocast=True)
    found.loss.backward()
    assert {state.dtype for state in found.hidden_states} == {torch.bfloat16}
    assert {parameter.grad.dtype for parameter in model.parameters() if parameter.grad is not None} == {torch.float32}
    assert found.loss.dtype == torch.float32


def test_without_autocast_and_afterwards_a_model_answers_to_the_bit_as_before():
    model = build(ModelSource("bert-tiny", seed=0)).eval()
    before = states(model, autocast=False).logits
    with bf16_states(model):
        torch.testing.assert_close(states(model, autocast=False).logits, before, rtol=0, atol=0)
    assert states(model, autocast=True).hidden_states[0].dtype == torch.float32


def test_a_model_that_cannot_have_them_says_so_and_computes_all_the_same(tmp_path):
    mobile = build(tiny_encoders.write(tmp_path, "mobilebert", vocab_size=2000))
    assert not can_be_bf16(mobile)
    assert not can_be_bf16(torch.nn.Linear(2, 2))
    assert can_be_bf16(build(ModelSource("bert-tiny")))
    with bf16_states(mobile):
        assert states(mobile, autocast=True).loss.isfinite()
    with bf16_states(layer := torch.nn.Linear(2, 2)):
        assert layer(torch.ones(1, 2)).shape == (1, 2)
