"""The same architecture with other weights: what a race against them needs."""

import torch
from tiny_checkpoints import save

from benchbench import places
from benchbench.models.loading import build
from benchbench.models.source import ModelSource
from benchbench.studies.deployment.other_weights import with_other_weights
from benchbench.targets import artefacts, catalogue
from benchbench.targets.protocol import Job, Shape


def test_random_and_denormal_weights_stand_in_the_same_architecture(tmp_path):
    save(folder := tmp_path / "trained", seed=1)
    trained = ModelSource(places.bare(folder), places.local(folder))
    job = Job(trained, catalogue.find("torch-cpu"), Shape(1, 16))
    prepared = {"torch-cpu": artefacts.prepare(job, tmp_path / "prepared")}
    others = with_other_weights(prepared, tmp_path)
    assert list(others) == ["torch-cpu with random weights", "torch-cpu with denormal weights"]
    before, random, denormal = (
        dict(build(one.job.source).named_parameters()) for one in (*prepared.values(), *others.values())
    )
    smallest = torch.finfo(torch.float32).smallest_normal
    for name, weight in before.items():
        assert random[name].shape == denormal[name].shape == weight.shape
        if weight.ndim < 2:
            continue
        assert not torch.equal(random[name], weight)
        changed = denormal[name] != weight
        assert 0.15 < changed.float().mean() < 0.45  # rows of zeros (padding's) are among the smallest
        assert (denormal[name][changed].abs() < smallest).all()
