import math

import pytest
import torch
from torch import nn

from benchbench.meters.flops import closed_form, fvcore_counter, torch_counter
from benchbench.meters.flops.counting import count
from benchbench.meters.flops.layer_types import by_layer_type, exclusive, layer_type
from benchbench.models.loading import build
from benchbench.models.source import ModelSource
from benchbench.models.zoo import MODELS

# Parameters and FLOPs of what can be looked up elsewhere: batch 1, 128 tokens, two labels.
KNOWN = {
    "squeezebert": (51_091_202, 7_399_934_976),
    "bert-base": (109_483_778, 22_348_434_432),
    "distilbert": (66_955_010, 11_174_808_576),
    "mobilebert": (24_845_570, 5_386_012_672),
}


def on_meta(model, **options):
    with torch.device("meta"):
        return build(ModelSource(model, **options))


@pytest.fixture(scope="module", params=MODELS)
def counted(request):
    """The counts of each model of the zoo at two shapes: 1 × 128 and 3 × 7."""
    module = on_meta(request.param)
    return count(module, 1, 128), count(module, 3, 7)


def test_three_counters_agree_to_the_last_unit(counted):
    for found in counted:
        assert found.agree, found.verdict
        assert sum(found.by_layer_type.values()) == found.flops == 2 * found.macs


@pytest.mark.parametrize(("name", "parameters", "flops"), [(name, *numbers) for name, numbers in KNOWN.items()])
def test_counts_are_the_known_ones(name, parameters, flops):
    found = count(on_meta(name), 1, 128)
    assert (found.parameters, found.flops) == (parameters, flops)


def test_formula_and_modules_put_the_work_into_the_same_layer_types(counted):
    for found in counted:
        assert by_layer_type(exclusive(found.by_module)) == found.by_layer_type


@pytest.mark.parametrize("name", ["squeezebert", "squeezebert-tiny"])
def test_lowering_does_not_change_the_work(name):
    lowered = count(on_meta(name, lowered=True), 2, 32)
    assert lowered.agree, lowered.verdict
    assert lowered.flops == count(on_meta(name), 2, 32).flops


@pytest.mark.parametrize("head", ["token-classification", "question-answering"])
@pytest.mark.parametrize(
    "name", ["squeezebert", "bert-base", "distilbert", "mobilebert", "albert-base", "electra-small"]
)
def test_counters_agree_for_every_head(name, head):
    found = count(on_meta(name, head=head), 2, 9, head)
    assert found.agree, found.verdict


def test_counting_on_a_cpu_gives_what_counting_on_meta_gives():
    for lowered in (False, True):
        source = ModelSource("squeezebert-tiny", lowered=lowered)
        assert count(build(source), 2, 16).counters == count(on_meta(source.model, lowered=lowered), 2, 16).counters
    real, meta = count(build(ModelSource("bert-tiny")), 2, 16), count(on_meta("bert-tiny"), 2, 16)
    assert real.agree
    assert "_scaled_dot_product_flash_attention_for_cpu" in real.by_operator  # as on a CPU, wherever the model lies
    assert real.flops == meta.flops


class Work(nn.Module):
    """One operator on two tensors."""

    def __init__(self, work):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.work = work

    def forward(self, a, b):
        return self.work(a, b)


@pytest.mark.parametrize(
    ("work", "a", "b", "flops"),
    [
        (nn.functional.linear, (7, 5), (3, 5), 2 * 7 * 5 * 3),
        (torch.matmul, (4, 2, 3), (5, 4, 3, 6), 2 * 5 * 4 * 2 * 3 * 6),  # broadcast over a leading dimension
        (torch.matmul, (7, 5), (5,), 2 * 7 * 5),
        (lambda a, b: torch.addmv(b, a, b), (5, 5), (5,), 2 * 5 * 5),
        (torch.matmul, (5,), (5,), 2 * 5),
        (torch.bmm, (4, 2, 3), (4, 3, 6), 2 * 4 * 2 * 3 * 6),
        (lambda a, b: torch.baddbmm(b, a, b), (4, 3, 3), (4, 3, 6), 2 * 4 * 3 * 3 * 6),
        (lambda a, b: torch.einsum("bik,bjk->bij", a, b), (4, 2, 3), (4, 5, 3), 2 * 4 * 2 * 3 * 5),
        (lambda a, b: torch.einsum("i,j->ij", a, b), (4,), (5,), 0),  # nothing is summed
        (lambda a, b: torch.einsum("ijk->kji", a), (2, 3, 4), (1,), 0),
        (lambda a, b: torch.einsum("ij,kl->ik", a, b), (2, 3), (4, 5), 0),  # each factor is summed by itself
        (lambda a, b: torch.einsum("ibnd,jbnd->bnij", a, b), (7, 1, 2, 3), (5, 4, 2, 3), 2 * 4 * 2 * 7 * 5 * 3),
        (lambda a, b: nn.functional.conv1d(a, b, groups=2), (2, 6, 9), (8, 3, 1), 2 * 2 * 9 * 8 * 3),
        (lambda a, b: nn.functional.conv1d(a, b, padding="same"), (2, 3, 9), (8, 3, 5), 2 * 2 * 9 * 8 * 3 * 5),
        (lambda a, b: nn.functional.conv2d(a, b, padding=(1, 0)), (2, 3, 9, 1), (8, 3, 3, 1), 2 * 2 * 9 * 8 * 3 * 3),
        (nn.functional.conv_transpose1d, (2, 3, 9), (3, 4, 2), 2 * 2 * 9 * 3 * 4 * 2),
        (lambda a, b: nn.functional.conv1d(a, b, groups=2), (2, 6, 9), (8, 3, 3), 2 * 2 * 7 * 8 * 3 * 3),
        (
            lambda a, b: nn.functional.scaled_dot_product_attention(a, b, b),
            (2, 3, 5, 4),
            (2, 3, 7, 4),
            4 * 6 * 5 * 7 * 4,
        ),
    ],
)
def test_both_tracing_counters_know_each_operator(work, a, b, flops):
    model, inputs = Work(work), {"a": torch.ones(a), "b": torch.ones(b)}
    found = [counter.tally(model, inputs) for counter in (fvcore_counter, torch_counter)]
    assert [tally.missed for tally in found] == [(), ()]
    assert [tally.flops for tally in found] == [flops, flops]


@pytest.mark.parametrize(
    "work",
    [
        lambda a, b: torch.where(a.ne(b) & a.eq(b) | (b >= a), a, b),
        lambda a, b: 1 - a.add_(b).mul_(2).clamp_(0),
        lambda a, b: nn.functional.avg_pool1d(a, 2) + nn.functional.max_pool1d(b, 2),
        lambda a, b: nn.functional.unfold(a[:, None], (2, 2)).sum() + nn.functional.normalize(b).sum(),
        lambda a, b: torch.fft.fftn(a, dim=(1, 2)).real + b,
        lambda a, b: a.sort().values + b.repeat_interleave(1, 0) + b.topk(1).values,
        lambda a, b: torch.rand(4).uniform_() + a.cumsum(1) + torch.eye(3, 4),
        lambda a, b: a.scatter_reduce(1, b.long(), b, "mean"),
    ],
)
def test_an_operator_without_matrix_work_is_no_miss(work):
    model, inputs = Work(work), {"a": torch.ones(2, 3, 4), "b": torch.ones(2, 3, 4)}
    found = [counter.tally(model, inputs) for counter in (fvcore_counter, torch_counter)]
    assert [(tally.missed, tally.flops) for tally in found] == [((), 0), ((), 0)]


def test_a_fourier_transform_stands_with_the_other_work():
    model = Work(lambda a, b: torch.fft.fftn(a.cfloat(), dim=(1, 2)).real.contiguous())
    assert torch_counter.tally(model, {"a": torch.ones(2, 8, 4), "b": torch.ones(1)}).other == 5 * 64 * (3 + 2)


@pytest.mark.parametrize("work", [torch.cdist, lambda a, b: torch.linalg.svdvals(a @ b.mT)])
def test_an_operator_without_a_rule_is_named_rather_than_counted_as_nothing(work):
    model, inputs = Work(work), {"a": torch.ones(2, 3, 4), "b": torch.ones(2, 5, 4)}
    assert fvcore_counter.tally(model, inputs).missed
    assert torch_counter.tally(model, inputs).missed


def test_a_count_with_a_missed_operator_is_no_number():
    model = on_meta("bert-tiny")
    model.classifier = Work(lambda a, b: a)
    model.classifier.forward = lambda x: torch.cdist(x[None], x[None])[0]
    found = count(model, 2, 8)
    assert found.flops is None
    assert found.counters["fvcore"] is None
    assert "cdist" in found.verdict


def test_an_architecture_without_a_formula_is_named():
    class Unknown:
        model_type = "longformer"

    with pytest.raises(closed_form.NoClosedForm, match="no closed form for longformer"):
        closed_form.macs(Unknown(), closed_form.Query(1, 128, "sequence-classification"))


def test_normalisation_and_activations_stand_apart():
    class Norm(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.LayerNorm(10)

        def forward(self, x):
            return nn.functional.gelu(self.norm(x))

    tally = torch_counter.tally(Norm(), {"x": torch.ones(3, 10)})
    assert tally.flops == 0
    assert tally.other == 5 * 30 + 30


@pytest.mark.parametrize(
    ("module", "part"),
    [
        ("bert.encoder.layer.0.attention.self.query", "Q/K/V"),
        ("bert.encoder.layer.0.attention.self", "attention products"),
        ("bert.encoder.layer.0.attention.output.dense", "attention output"),
        ("bert.encoder.layer.0.attention.output", "other"),
        ("bert.encoder.layer.0.attention.output.LayerNorm", "other"),
        ("bert.encoder.layer.0.intermediate.intermediate_act_fn", "FFN"),
        ("bert.pooler.dense", "classifier"),
        ("mobilebert.encoder.layer.0.ffn.1.output.dense", "FFN"),
        ("mobilebert.encoder.layer.0.output.bottleneck.dense", "bottleneck"),
        ("transformer.encoder.layers.3.post_attention.conv1d", "attention output"),
        ("distilbert.transformer.layer.2.attention.out_lin", "attention output"),
        ("albert.encoder.embedding_hidden_mapping_in", "embedding"),
    ],
)
def test_modules_fall_into_the_layer_types_of_the_papers_table(module, part):
    assert layer_type(module) == part


def test_known_formulas_scale_as_attention_does():
    config = build(ModelSource("bert-tiny")).config
    parts = [closed_form.macs(config, closed_form.Query(1, n, "sequence-classification")) for n in (32, 64)]
    assert math.isclose(parts[1]["attention products"] / parts[0]["attention products"], 4)
    assert math.isclose(parts[1]["FFN"] / parts[0]["FFN"], 2)
