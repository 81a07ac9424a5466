"""Random weights that are read from the cache are those that would have been drawn, and weigh as much in memory."""

import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from benchbench import caches
from benchbench.models import loading
from benchbench.models.source import ModelSource
from benchbench.models.weights import drawn_weights

_GROWTH = """
import psutil
from benchbench.models.weights import drawn_weights
from benchbench.models.source import ModelSource

def peak_bytes():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

drawn_weights.build(ModelSource("bert-tiny"))
before = psutil.Process().memory_info().rss
model = drawn_weights.build(ModelSource("bert-small"))
after, peak = psutil.Process().memory_info().rss, peak_bytes()
size = sum(parameter.nbytes for parameter in model.parameters())
print((after - before) / size, (peak - before) / size)
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # the measured process below has it too
    monkeypatch.setattr(caches, "_folder", lambda: tmp_path / "benchbench")


def tensors(model):
    return {**dict(model.named_parameters()), **dict(model.named_buffers())}


@pytest.mark.parametrize(
    "source",
    [
        ModelSource("squeezebert-tiny", lowered=True),
        ModelSource("squeezebert-tiny", head="question-answering", seed=3),
        ModelSource("bert-tiny", num_labels=5),
        ModelSource("mobilebert"),
        ModelSource("distilbert", head="token-classification"),
    ],
    ids=lambda source: f"{source.name}-{source.head}",
)
def test_kept_weights_are_the_drawn_ones_to_the_bit(source):
    drawn_weights.keep(source)
    assert list(caches.weights().glob(f"{source.name}-*"))
    kept, drawn = tensors(drawn_weights.build(source)), tensors(loading.build(source))
    assert kept.keys() == drawn.keys()
    assert all(torch.equal(kept[name], drawn[name]) for name in drawn)


def kept_file(source):
    drawn_weights.keep(source)
    (file,) = caches.weights().glob(f"{source.name}-*")
    return file


def test_what_was_kept_is_read_and_another_seed_is_drawn(monkeypatch):
    source = ModelSource("bert-tiny")
    kept_file(source)
    drawn = tensors(loading.build(source))
    monkeypatch.setattr(loading, "build", lambda _: pytest.fail("drawn again"))
    kept = tensors(drawn_weights.build(source))
    assert all(torch.equal(kept[name], drawn[name]) for name in drawn)
    with pytest.raises(pytest.fail.Exception, match="drawn again"):
        drawn_weights.build(replace(source, seed=1))


@pytest.mark.parametrize(
    "damage",
    [lambda whole: whole[:100], lambda whole: whole + b"more", lambda whole: whole[:5000] + b"?" + whole[5001:]],
    ids=["cut off", "too long", "one byte of the right size"],
)
def test_a_damaged_file_is_noticed_and_made_again(damage):
    source = ModelSource("bert-tiny")
    whole = kept_file(source).read_bytes()
    kept_file(source).write_bytes(damage(whole))
    kept, drawn = tensors(drawn_weights.build(source)), tensors(loading.build(source))
    assert all(torch.equal(kept[name], drawn[name]) for name in drawn)
    assert kept_file(source).read_bytes() == whole


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_kept_weights_are_counted_once_in_memory_before_anything_runs():
    for name in ("bert-tiny", "bert-small"):
        drawn_weights.keep(ModelSource(name))
    ran = subprocess.run([sys.executable, "-c", _GROWTH], capture_output=True, text=True, check=True)
    growth, peak = map(float, ran.stdout.split())
    assert 0.95 < growth < 1.2
    assert 0.95 < peak < 1.3
