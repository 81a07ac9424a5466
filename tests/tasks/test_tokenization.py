"""A task is tokenised once for a tokenizer, whatever model it is for; the cache goes by content."""

import pytest
from transformers import AutoTokenizer

from benchbench import places
from benchbench.tasks import registry, sources, tokenization
from benchbench.tasks.synthetic.wordpiece import train_tokenizer

RTE = (
    "index\tsentence1\tsentence2\tlabel\n"
    "0\tit rains today\tit is wet\tentailment\n"
    "1\tit snows\tit is hot\tnot_entailment\n"
)


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(["it rains snows today is wet hot"] * 3)


@pytest.fixture
def data(tmp_path):
    return written(tmp_path, RTE)


def written(place, text):
    (place / "RTE").mkdir(exist_ok=True)
    for name in ("train.tsv", "dev.tsv"):
        (place / "RTE" / name).write_text(text)
    return sources.load(registry.find("rte"), places.local(place))


def entries(cache):
    return {path.name for path in cache.iterdir()}


def test_pairs_become_ids_with_labels_unpadded(data, tokenizer):
    tokens = tokenization.tokenise(data, tokenizer, 16)
    first, second = tokens.train["input_ids"]
    assert len(first) > len(second)
    assert tokens.train["labels"][:] == [0, 1]
    assert list(tokens.evaluation) == ["validation"]


def test_long_examples_are_cut(data, tokenizer):
    assert max(map(len, tokenization.tokenise(data, tokenizer, 6).train["input_ids"])) == 6


def test_a_second_model_with_an_equal_tokenizer_finds_the_tokens(data, tokenizer, tmp_path):
    cache = tmp_path / "cache"
    first = tokenization.tokenise(data, tokenizer, 16, cache)
    kept, before = entries(cache), {p.stat().st_mtime_ns for p in cache.rglob("*.arrow")}
    tokenizer.save_pretrained(tmp_path / "checkpoint")
    used = AutoTokenizer.from_pretrained(tmp_path / "checkpoint")
    used(["leaves truncation and padding set"], truncation=True, max_length=4, padding=True)
    second = tokenization.tokenise(data, used, 16, cache)
    assert entries(cache) == kept
    assert {p.stat().st_mtime_ns for p in cache.rglob("*.arrow")} == before
    assert first.train[:] == second.train[:]
    assert first.evaluation["validation"][:] == second.evaluation["validation"][:]


def test_training_texts_are_tokenised_when_they_are_asked_for(data, tokenizer, tmp_path):
    cache = tmp_path / "cache"
    tokens = tokenization.tokenise(data, tokenizer, 16, cache)
    assert len(entries(cache)) == 1
    assert len(tokens.train) == 2
    assert len(entries(cache)) == 2


def test_other_content_is_another_entry(data, tokenizer, tmp_path):
    cache = tmp_path / "cache"
    tokenization.tokenise(data, tokenizer, 16, cache)
    assert len(entries(cache)) == 1
    tokenization.tokenise(data, tokenizer, 8, cache)
    assert len(entries(cache)) == 2
    tokenization.tokenise(data, train_tokenizer(["it rains and nothing else"] * 3), 16, cache)
    assert len(entries(cache)) == 3
    tokenization.tokenise(written(tmp_path, RTE.replace("hot", "wet")), tokenizer, 16, cache)
    assert len(entries(cache)) == 4


def test_a_broken_or_forbidden_cache_only_costs_time(data, tokenizer, tmp_path):
    cache = tmp_path / "cache"
    whole = tokenization.tokenise(data, tokenizer, 16, cache).train[:]
    for file in cache.rglob("*.arrow"):
        file.write_bytes(b"")
    assert tokenization.tokenise(data, tokenizer, 16, cache).train[:] == whole
    (tmp_path / "file").write_text("no folder")
    assert tokenization.tokenise(data, tokenizer, 16, tmp_path / "file" / "cache").train[:] == whole
