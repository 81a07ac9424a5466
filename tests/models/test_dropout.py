import pytest
import torch
from numpy.random import SFC64
from torch.nn import functional

from benchbench.models.dropout import FastDropout, fast_dropout
from benchbench.models.loading import build
from benchbench.models.source import ModelSource


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_it_drops_the_share_that_was_asked_for_and_keeps_the_mean(p):
    ones = torch.ones(1001, 999)
    dropped = fast_dropout(ones, p, SFC64(1))
    assert (dropped == 0).double().mean().item() == pytest.approx(p, abs=0.003)
    assert dropped.double().mean().item() == pytest.approx(1, rel=0.02)
    assert dropped.unique().tolist() == pytest.approx([0, 1 / (1 - p)], rel=1e-3)


def test_a_seed_decides_the_masks_and_each_mask_is_another():
    def two_masks():
        torch.manual_seed(5)
        with FastDropout():
            return functional.dropout(torch.ones(1000)), functional.dropout(torch.ones(1000))

    (first, second), (again, _) = two_masks(), two_masks()
    assert torch.equal(first, again)
    assert not torch.equal(first, second)


def test_gradients_flow_where_the_values_stayed():
    x = torch.ones(1000, requires_grad=True)
    y = fast_dropout(x, 0.25, SFC64(1))
    y.sum().backward()
    assert torch.equal(x.grad, y.detach())


def test_bf16_stays_bf16():
    assert fast_dropout(torch.ones(10, dtype=torch.bfloat16), 0.1, SFC64(1)).dtype == torch.bfloat16


@pytest.mark.parametrize("p", [-0.1, 1.0, float("nan")])
def test_a_probability_that_is_none_is_refused(p):
    with pytest.raises(ValueError, match="at least 0 and below 1"):
        fast_dropout(torch.ones(3), p, SFC64(1))


@pytest.mark.parametrize("kind", ["bool", "float", "none"])
def test_attention_is_on_average_what_it_is_without_dropout(kind):
    torch.manual_seed(1)
    query, key, value = torch.randn(3, 2, 2, 5, 4)
    visible = torch.ones(2, 1, 1, 5, dtype=torch.bool)
    visible[1, ..., 3:] = False
    if kind != "none":
        value = value.masked_fill(~visible.mT, 1e6)
    mask = {"bool": visible, "float": torch.zeros(visible.shape).masked_fill(~visible, -1e30), "none": None}[kind]
    exact = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
    with FastDropout():
        draws = torch.stack(
            [
                functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=0.1)
                for _ in range(2000)
            ]
        )
    assert (draws[0] - draws[1]).abs().max() > 0
    torch.testing.assert_close(draws.mean(0), exact, atol=0.06, rtol=0)


@pytest.mark.parametrize("model", ["squeezebert-tiny", "bert-tiny"])
def test_it_serves_every_model_in_training_and_changes_no_answer_afterwards(model):
    built = build(ModelSource(model, seed=0))
    batch = {"input_ids": torch.arange(1, 33).view(2, 16), "attention_mask": torch.ones(2, 16, dtype=torch.long)}

    def answer():
        torch.manual_seed(0)
        return built(**batch).logits

    with torch.no_grad():
        plain = answer()
        with FastDropout():
            assert torch.equal(answer(), plain)
            built.train()
            fast = answer()
        usual = answer()
    assert not torch.equal(fast, plain)
    assert not torch.equal(fast, usual)


def test_what_it_does_not_serve_is_left_to_pytorch():
    with FastDropout():
        assert torch.equal(functional.dropout(torch.ones(9), 1.0), torch.zeros(9))
        assert torch.equal(functional.dropout(torch.ones(9), 0.5, training=False), torch.ones(9))
        in_place = torch.ones(1000)
        functional.dropout(in_place, 0.5, inplace=True)
    assert 300 < (in_place == 0).sum() < 700


def test_nothing_of_pytorch_is_changed_afterwards_not_even_after_an_error():
    before = functional.dropout, functional.scaled_dot_product_attention
    with pytest.raises(RuntimeError, match="size of tensor"), FastDropout():
        functional.scaled_dot_product_attention(*torch.ones(3, 2, 2), attn_mask=torch.ones(3, 3), dropout_p=0.5)
    assert (functional.dropout, functional.scaled_dot_product_attention) == before


def test_a_lowered_model_drops_in_attention_too():
    model = build(ModelSource("squeezebert-tiny", seed=0, lowered=True)).train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    for layer in model.transformer.encoder.layers:
        layer.attention.dropout.p = 0.5
    ids = torch.arange(1, 33).view(2, 16)
    with torch.no_grad(), FastDropout() as fast:
        drawn = fast._random.state["state"]["state"].copy()
        model(input_ids=ids)
        assert (fast._random.state["state"]["state"] != drawn).any()
