"""Packed linear layers answer as the loose ones do, at any number of tokens, and a plain target has none."""

import pytest
import torch
from torch import nn

from benchbench.models import zoo
from benchbench.models.packed_linear import PackedLinear, pack
from benchbench.models.source import ModelSource
from benchbench.places import weights
from benchbench.targets import catalogue
from benchbench.targets.protocol import Job, Shape

PRECISIONS = [torch.float32, torch.bfloat16]


@pytest.fixture(params=PRECISIONS, ids=str)
def loose(request):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(48, 96), nn.GELU(), nn.Linear(96, 7, bias=False)).to(request.param).eval()
    with torch.inference_mode():
        pack(probe := nn.Sequential(nn.Linear(2, 2)).to(request.param))
    if not isinstance(probe[0], PackedLinear):
        pytest.skip("oneDNN has no packed products here")
    return model


@pytest.mark.parametrize("shape", [(1, 48), (5, 48), (2, 17, 48), (3, 128, 48)])
def test_it_answers_as_before(loose, shape):
    x = torch.randn(shape).to(loose[0].weight.dtype)
    with torch.inference_mode():
        before = loose(x)
        pack(loose)
        assert all(isinstance(loose[at], PackedLinear) for at in (0, 2))
        tolerance = 1e-5 if x.dtype == torch.float32 else 0.02
        torch.testing.assert_close(loose(x), before, atol=tolerance, rtol=tolerance)


def test_who_reads_a_weight_finds_it(loose):
    before = loose[0].weight.detach().clone()
    pack(loose)
    assert torch.equal(loose[0].weight, before)


@pytest.mark.parametrize(("target", "packed"), [("torch-cpu", True), ("torch-cpu-plain", False)])
@pytest.mark.parametrize("model", ["squeezebert-tiny", "bert-tiny"])
def test_only_a_target_that_says_so_packs(loose, tmp_path, target, packed, model):
    job = Job(ModelSource(zoo.place(model), weights("random")), catalogue.find(target), Shape(1, 16))
    session = catalogue.runtime_of(job.target).load(job, tmp_path)
    assert any(isinstance(module, PackedLinear) for module in session.model.modules()) == packed
