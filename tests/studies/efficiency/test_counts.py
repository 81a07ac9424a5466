"""A count of FLOPs is made once, and never taken for that of anything else."""

import json

import pytest

from benchbench import caches
from benchbench.models.loading import skeleton
from benchbench.models.source import ModelSource
from benchbench.studies.efficiency.counts import counted
from benchbench.targets.protocol import Shape

BERT = ModelSource("bert-tiny")


@pytest.fixture(autouse=True)
def empty(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def count(source=BERT, batch_size=1, tokens=16):
    return counted(skeleton(source), Shape(batch_size, tokens), source.head)


def kept():
    return list(caches.counts().glob("*.json"))


def test_a_second_count_is_the_first(tmp_path):
    first = count()
    (file,) = kept()
    marked = json.loads(file.read_text()) | {"parameters": 7}
    file.write_text(json.dumps(marked))

    assert count().parameters == 7  # it was read
    assert first.flops == count().flops
    assert len(first.counters) == 3


def test_another_model_shape_or_head_is_counted_anew():
    flops = [count().flops, count(batch_size=2).flops, count(tokens=32).flops]
    flops.append(count(ModelSource("bert-tiny", head="token-classification")).flops)
    flops.append(count(ModelSource("bert-tiny", num_labels=5)).flops)

    assert len(set(flops)) == len(kept()) == 5


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"flops": 1}'])
def test_a_damaged_file_is_counted_anew(content):
    first = count()
    (file,) = kept()
    file.write_bytes(content)

    assert count() == first


def test_what_cannot_be_kept_is_counted_all_the_same(tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "benchbench").write_text("in the way")

    assert count().flops
