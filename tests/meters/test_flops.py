import pytest
import torch
from torch import nn

from benchbench.errors import InputError
from benchbench.meters.flops import fvcore_counter, torch_counter
from benchbench.meters.flops.closed_form import closed_form
from benchbench.meters.flops.counting import count
from benchbench.models.loading import build, config
from benchbench.models.logits import Logits
from benchbench.models.source import ModelSource

PUBLISHED_SHAPE = {
    "squeezebert": (51_091_202, 7_399_934_976),
    "bert-base": (109_483_778, 22_348_434_432),
    "distilbert": (66_955_010, 11_174_808_576),
    "mobilebert": (None, 5_386_012_672),
    "tinybert": (None, None),
    "minilm-l6": (None, None),
    "albert-base": (None, None),
    "electra-small": (None, None),
}


@pytest.fixture(scope="module", params=PUBLISHED_SHAPE)
def model(request):
    source = ModelSource(request.param)
    return request.param, build(source), config(source)


def test_three_counters_agree_to_the_last_unit_and_give_the_known_numbers(model):
    name, module, settings = model
    parameters, flops = PUBLISHED_SHAPE[name]
    found = count(Logits(module).eval(), settings, 1, 128)
    assert found.agree, found.counters
    assert sum(found.by_layer.values()) == found.flops
    if flops is not None:
        assert found.flops == flops
    if parameters is not None:
        assert sum(p.numel() for p in module.parameters()) == parameters


def test_they_agree_at_other_shapes_too(model):
    _, module, settings = model
    found = count(Logits(module).eval(), settings, 2, 7)
    assert found.agree, found.counters


def test_lowering_does_not_change_the_work():
    source = ModelSource("squeezebert-tiny")
    plain = count(Logits(build(source)).eval(), config(source), 1, 128)
    lowered = count(Logits(build(ModelSource("squeezebert-tiny", lowered=True))).eval(), config(source), 1, 128)
    assert plain.agree
    assert lowered.agree
    assert plain.flops == lowered.flops


def test_one_layer_is_two_flops_for_each_weight_and_row():
    layer = nn.Linear(5, 3)
    put = {"input": torch.ones(7, 5)}
    assert torch_counter.count(layer, put).flops == fvcore_counter.count(layer, put).flops == 2 * 7 * 5 * 3


def test_an_architecture_without_a_formula_is_named():
    class Unknown:
        model_type = "longformer"

    with pytest.raises(InputError, match="unknown architecture 'longformer'"):
        closed_form(Unknown(), 1, 128)


def test_an_operator_without_a_formula_is_named_rather_than_counted_as_nothing():
    class Cdist(nn.Module):
        def forward(self, input_ids, attention_mask, token_type_ids):
            rows = input_ids.float()
            return torch.ops.aten.addmv(rows[0], rows.T @ rows, rows[0]) + torch.dot(rows[0], rows[0])

    with pytest.raises(InputError, match=r"no formula for .*dot"):
        count(Cdist(), config(ModelSource("bert-tiny")), 2, 8)
