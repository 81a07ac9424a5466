"""ONNX files of models with random weights: made once, read by every runtime, and anew where anything differs."""

from dataclasses import replace

import onnx
import pytest

from benchbench import caches
from benchbench.models.source import ModelSource
from benchbench.targets.runtimes.onnx_export import export

BERT = ModelSource("bert-tiny")


@pytest.fixture
def exported(tmp_path, monkeypatch):
    """Exports a model, and says what is new in the cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def run(source, *, lowered=False):
        before = set(caches.exported().glob("*.onnx"))
        export(source, lowered, tmp_path / "model.onnx")
        onnx.checker.check_model(onnx.load(tmp_path / "model.onnx"))
        return set(caches.exported().glob("*.onnx")) - before

    return run


def test_a_model_is_exported_once_for_all_runtimes(exported, tmp_path):
    (kept,) = exported(BERT)
    (tmp_path / "model.onnx").write_bytes(b"")  # what a runtime does with its own file is its affair
    assert kept.stat().st_size > 1_000_000

    assert exported(BERT) == set()
    assert exported(BERT, lowered=True) == set()  # it has no layer that lowering changes


def test_other_weights_another_head_or_a_lowered_layer_are_other_files(exported):
    assert exported(BERT)
    assert exported(replace(BERT, seed=1))
    assert exported(replace(BERT, num_labels=3))
    assert exported(ModelSource("squeezebert-tiny"))
    assert exported(ModelSource("squeezebert-tiny"), lowered=True)


def test_a_file_that_was_left_half_written_is_not_read(exported):
    (kept,) = exported(BERT)
    kept.rename(kept.with_suffix(".part"))

    assert exported(BERT) == {kept}


def test_weights_of_ones_own_are_not_kept(exported, tmp_path):
    from benchbench.models.loading import build

    build(BERT).save_pretrained(tmp_path / "mine")

    assert exported(ModelSource(str(tmp_path / "mine"), f"local:{tmp_path / 'mine'}")) == set()
