import time

import pytest
import torch
from torch import nn

from benchbench.meters.layer_times import layer_times
from benchbench.models.loading import build
from benchbench.models.source import ModelSource


class Sleep(nn.Module):
    def __init__(self, seconds, **inner):
        super().__init__()
        self.seconds = seconds
        for name, module in inner.items():
            self.add_module(name, module)

    def forward(self, x):
        time.sleep(self.seconds)
        for module in self.children():
            x = module(x)
        return x


def test_time_goes_to_the_module_that_spends_it_not_to_those_around_it():
    attention = Sleep(0.002, query=Sleep(0.008))
    model = Sleep(0.0, attention=attention, intermediate=Sleep(0, dense=Sleep(0.004)))
    model.register_parameter("weight", nn.Parameter(torch.ones(1)))
    found = layer_times(model, {"x": torch.ones(1)}, passes=3, warm_up=0)
    assert found.seconds["Q/K/V"] >= 0.008
    assert found.seconds["Q/K/V"] > found.seconds["FFN"] > found.seconds["attention products"] >= 0.002


@pytest.mark.parametrize("name", ["squeezebert-tiny", "bert-tiny"])
def test_shares_of_a_real_model_sum_to_one_and_name_its_parts(name):
    ids = torch.ones(1, 32, dtype=torch.long)
    found = layer_times(build(ModelSource(name)), {"input_ids": ids, "attention_mask": ids}, passes=3)
    assert sum(found.shares.values()) == pytest.approx(1)
    assert {"embedding", "Q/K/V", "attention products", "attention output", "FFN", "classifier"} <= set(found.shares)


def test_the_model_is_left_without_clocks():
    model = build(ModelSource("bert-tiny"))
    ids = torch.ones(1, 8, dtype=torch.long)
    layer_times(model, {"input_ids": ids}, passes=1, warm_up=0)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
