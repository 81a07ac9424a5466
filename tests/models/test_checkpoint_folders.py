"""Checkpoint folders with whatever may be wrong in them: one line, or the weights of the file."""

import json
import os
import shutil

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_checkpoints import TINY, save

from benchbench.errors import InputError
from benchbench.models import loading
from benchbench.models.source import ModelSource

VARIANTS = settings(
    max_examples=int(os.environ.get("BENCHBENCH_VARIANTS", "100")),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
KEYS = st.sampled_from(
    (
        *TINY,
        *("model_type", "hidden_act", "layer_norm_eps", "hidden_dropout_prob", "attention_probs_dropout_prob"),
        *("initializer_range", "pad_token_id", "id2label", "label2id", "problem_type", "architectures", "dtype"),
        *("output_attentions", "return_dict", "torchscript", "is_decoder", "classifier_dropout", "torch_dtype"),
        *("chunk_size_feed_forward", "tie_word_embeddings", "num_labels", "auto_map", "transformers_version"),
    )
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 70),
    st.sampled_from((2**31, 10**12, -(10**12))),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(("bert", "roberta", "distilbert", "1e-12", "gelu", "float16", "regression", "\ud800")),
    st.lists(st.integers(0, 9), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(0, 9), max_size=3),
)
FILES = st.sampled_from(("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"))
SPOILED = st.one_of(
    st.tuples(st.just("set"), KEYS, VALUES),
    st.tuples(st.just("drop"), KEYS, st.none()),
    st.tuples(st.just("remove"), FILES, st.none()),
    st.tuples(st.just("cut"), FILES, st.floats(0, 1, exclude_max=True)),
    st.tuples(st.just("write"), FILES, st.sampled_from((b"", b"{}", b"[]", b"null", b"\xff\x00", b"PK\x03\x04"))),
    st.tuples(st.just("write"), FILES, st.just(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return folder, save(folder)


def spoil(folder, what, name, value):
    config = folder / "config.json"
    file = folder / name
    if what == "remove":
        file.unlink(missing_ok=True)
    elif what == "cut" and file.exists():
        file.write_bytes(file.read_bytes()[: int(file.stat().st_size * value)])
    elif what == "write":
        file.write_bytes(value)
    elif what in ("set", "drop"):
        try:
            content = json.loads(config.read_bytes())
        except (OSError, ValueError):
            return
        if isinstance(content, dict):
            content.pop(name, None)
            config.write_text(json.dumps(content | ({name: value} if what == "set" else {})))


def refused(step, source):
    """What `step` returns, and the lines in which it refuses; any other exception is the test's failure."""
    try:
        return step(source), []
    except InputError as error:
        return None, str(error).splitlines()


@VARIANTS
@given(spoils=st.lists(SPOILED, min_size=1, max_size=2))
def test_a_folder_is_refused_in_one_line_or_gives_the_weights_of_its_file(tmp_path_factory, whole, spoils):
    good, held = whole
    folder = tmp_path_factory.mktemp("spoiled") / "checkpoint"
    shutil.copytree(good, folder)
    for spoiled in spoils:
        spoil(folder, *spoiled)
    source = ModelSource(str(folder), "hub")
    for step in (loading.check, loading.tokenizer, loading.build):
        model, lines = refused(step, source)
        assert len(lines) < 2
    if model is not None:
        expected = held.bert.state_dict()
        found = {name: tensor for name, tensor in model.base_model.state_dict().items() if "pooler" not in name}
        assert found.keys() == {name for name in expected if "pooler" not in name}
        assert all(torch.equal(tensor, expected[name]) for name, tensor in found.items())
    shutil.rmtree(folder)
