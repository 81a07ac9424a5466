"""Lowering changes how a network is computed and nothing else."""

import copy

import pytest
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification

from benchbench.meters.flops.counting import count
from benchbench.models import loading, zoo
from benchbench.models.lowering import freeze, is_lowered, lower
from benchbench.models.source import ModelSource


def pair(head="sequence-classification"):
    """The same weights twice, plain and lowered."""
    return tuple(
        loading.build(ModelSource("squeezebert-tiny", head=head, lowered=lowered)) for lowered in (False, True)
    )


def batch():
    ids = torch.randint(1000, 4000, (3, 17), generator=torch.Generator().manual_seed(0))
    mask = (torch.arange(17)[None, :] < torch.tensor([17, 9, 1])[:, None]).long()
    return {"input_ids": ids * mask, "attention_mask": mask}


@pytest.mark.parametrize("head", ["sequence-classification", "token-classification", "question-answering"])
def test_the_logits_are_the_same(head):
    plain, lowered = pair(head)
    with torch.inference_mode():
        expected, got = plain(**batch()), lowered(**batch())
    real = batch()["attention_mask"].bool()
    for name in expected.keys() & {"logits", "start_logits", "end_logits"}:
        a, b = expected[name], got[name]
        if a.shape[1] == 17:  # logits of padding tokens mean nothing
            a, b = a[real], b[real]
        torch.testing.assert_close(b, a, atol=1e-5, rtol=1e-4)


def test_the_loss_and_every_gradient_are_the_same():
    losses, gradients = [], []
    for model in pair():
        loss = model(**batch(), labels=torch.tensor([0, 1, 0])).loss
        loss.backward()
        losses.append(loss.detach())
        gradients.append({name: p.grad for name, p in model.named_parameters() if p.grad is not None})
    torch.testing.assert_close(*losses)
    assert gradients[0].keys() == gradients[1].keys()
    for name, gradient in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], gradient, atol=1e-6, rtol=1e-3, msg=name)


def test_a_lowered_model_is_saved_and_read_by_plain_transformers(tmp_path):
    plain, lowered = pair()
    lowered.save_pretrained(tmp_path)
    read = AutoModelForSequenceClassification.from_pretrained(tmp_path).eval()
    assert is_lowered(lowered)
    assert not is_lowered(read)
    for name, tensor in plain.state_dict().items():
        assert torch.equal(read.state_dict()[name], tensor), name


def test_the_work_does_not_change():
    plain, lowered = (loading.skeleton(ModelSource("squeezebert", lowered=value)) for value in (False, True))
    assert count(plain, 1, 128).flops == count(lowered, 1, 128).flops == 7_399_934_976


def test_a_model_without_grouped_convolutions_stays_as_it_is():
    assert not is_lowered(loading.build(ModelSource("bert-tiny", lowered=True)))


def test_a_frozen_model_says_the_same_in_no_more_memory():
    plain, lowered = pair()
    before = sum(p.nbytes for p in lowered.parameters())
    frozen = freeze(lowered)
    with torch.inference_mode():
        torch.testing.assert_close(frozen(**batch()).logits, plain(**batch()).logits, atol=1e-5, rtol=1e-4)
    position_ids = frozen.transformer.embeddings.position_ids.nbytes
    assert sum(t.nbytes for t in (*frozen.parameters(), *frozen.buffers())) - position_ids == before


def test_the_mask_is_looked_at_batch_by_batch():
    plain, lowered = pair()
    full = {name: torch.ones_like(array) for name, array in batch().items()}
    with torch.inference_mode():
        for inputs in (full, batch(), full):
            torch.testing.assert_close(lowered(**inputs).logits, plain(**inputs).logits, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    "groups",
    [
        {"q_groups": 1, "k_groups": 1, "v_groups": 1},
        {"q_groups": 2, "k_groups": 4, "v_groups": 4},
        {"intermediate_groups": 2, "output_groups": 1, "post_attention_groups": 4},
    ],
)
def test_whatever_the_groups(groups):
    settings = AutoConfig.for_model("squeezebert", **zoo.find(zoo.place("squeezebert-tiny")).config, **groups)
    torch.manual_seed(0)
    plain = AutoModelForSequenceClassification.from_config(settings).eval()
    for make in (lower, lambda model: freeze(lower(model))):
        with torch.inference_mode():
            got = make(copy.deepcopy(plain))(**batch()).logits
            torch.testing.assert_close(got, plain(**batch()).logits, atol=1e-5, rtol=1e-4)
