import pytest
import torch
from weights import weights_hash

from benchbench.errors import InputError
from benchbench.models import loading
from benchbench.models.source import ModelSource


def test_random_weights_are_the_same_for_the_same_seed_and_leave_the_random_state_alone():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, again, other = (weights_hash(loading.build(ModelSource("bert-tiny", seed=s))) for s in (0, 0, 1))
    assert first == again != other
    assert torch.equal(torch.get_rng_state(), before)


def test_a_local_checkpoint_keeps_its_weights_and_gets_a_head_of_the_tasks_size(tmp_path):
    saved = loading.build(ModelSource("bert-tiny", seed=3))
    saved.save_pretrained(tmp_path)
    source = ModelSource("bert-tiny", f"local:{tmp_path}", num_labels=5)
    model = loading.build(source)
    assert model.classifier.out_features == 5
    assert torch.equal(model.bert.embeddings.word_embeddings.weight, saved.bert.embeddings.word_embeddings.weight)
    assert loading.describe(source, model) == f"local:{tmp_path.name}"


def test_a_checkpoint_of_another_model_is_refused_with_what_differs(tmp_path):
    loading.build(ModelSource("bert-tiny")).save_pretrained(tmp_path)
    with pytest.raises(InputError, match="is not minilm-l6: its hidden_size is 128, not 384"):
        loading.check(ModelSource("minilm-l6", f"local:{tmp_path}"))


def test_a_checkpoint_without_part_of_its_encoder_is_refused(tmp_path):
    model = loading.build(ModelSource("bert-tiny"))
    kept = {name: tensor for name, tensor in model.state_dict().items() if "layer.1." not in name}
    model.save_pretrained(tmp_path, state_dict=kept)
    with pytest.raises(InputError, match="lacks 16 weights of the encoder"):
        loading.build(ModelSource("bert-tiny", f"local:{tmp_path}"))


def test_a_skeleton_has_every_shape_and_no_values():
    built, skeleton = loading.build(ModelSource("squeezebert-tiny")), loading.skeleton(ModelSource("squeezebert-tiny"))
    assert {n: p.shape for n, p in built.named_parameters()} == {n: p.shape for n, p in skeleton.named_parameters()}
    assert all(p.is_meta for p in skeleton.parameters())
