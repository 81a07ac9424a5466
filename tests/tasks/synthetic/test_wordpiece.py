"""The trained tokenizer: the same in every process, and nothing in it that its texts did not ask for."""

import os
import random
import subprocess
import sys

import pytest

from benchbench import caches
from benchbench.tasks import synthetic
from benchbench.tasks.synthetic.wordpiece import SPECIAL, train_tokenizer

TRAIN = """
import random
from benchbench.tasks.synthetic.wordpiece import train_tokenizer
draw = random.Random(5)
parts = ["ka", "lo", "mi", "ré", "to", "sa", "x", "ß", "中", "'s", "Ün"]
words = ["".join(draw.choices(parts, k=draw.randint(1, 4))) for _ in range(6000)]
texts = [" ".join(words[start : start + 8]) for start in range(0, len(words), 8)]
for _ in range(2):
    print(train_tokenizer(texts).backend_tokenizer.to_str())
"""


def test_the_same_texts_give_the_same_tokenizer_in_every_process():
    printed = set()
    for seed, threads in (("0", "1"), ("1", "2"), ("random", "4")):
        settings = {"PYTHONHASHSEED": seed, "RAYON_NUM_THREADS": threads, "TOKENIZERS_PARALLELISM": "true"}
        done = subprocess.run(
            [sys.executable, "-c", TRAIN], env={**os.environ, **settings}, check=True, capture_output=True, text=True
        )
        printed |= set(done.stdout.splitlines())
    assert len(printed) == 1


@pytest.fixture(scope="module")
def tokenizer():
    draw = random.Random(0)
    return train_tokenizer([" ".join(draw.choices(["river", "stone", "paper", "window"], k=6)) for _ in range(50)])


def test_words_seen_are_one_piece_and_others_are_spelt_by_the_characters_seen(tokenizer):
    assert tokenizer.tokenize("River, stone") == ["river", "[UNK]", "stone"]
    spelt = tokenizer.tokenize("wrote")
    assert "[UNK]" not in spelt
    assert "".join(spelt).replace("##", "") == "wrote"


def test_only_the_five_special_tokens_are_special(tokenizer):
    assert sorted(tokenizer.all_special_tokens) == sorted(SPECIAL)
    assert [tokenizer.convert_tokens_to_ids(piece) for piece in SPECIAL] == [0, 1, 2, 3, 4]
    assert "##e" not in tokenizer.tokenize("##e")


def test_a_pair_has_two_types_of_token(tokenizer):
    ids = tokenizer("river", "stone")
    assert tokenizer.convert_ids_to_tokens(ids["input_ids"]) == ["[CLS]", "river", "[SEP]", "stone", "[SEP]"]
    assert ids["token_type_ids"] == [0, 0, 0, 1, 1]


def test_the_vocabulary_of_the_synthetic_texts_is_kept_and_made_again_where_it_is_broken(tmp_path, monkeypatch):
    monkeypatch.setattr(caches, "user_cache_path", lambda *_, **__: tmp_path)
    fresh = synthetic.tokenizer.__wrapped__()
    (kept,) = caches.tokens().glob("vocabulary-*.json")
    with monkeypatch.context() as nothing_to_train_on:
        nothing_to_train_on.setattr(synthetic, "generate", None)
        assert synthetic.tokenizer.__wrapped__().backend_tokenizer.to_str() == fresh.backend_tokenizer.to_str()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:100])
    assert synthetic.tokenizer.__wrapped__().get_vocab() == fresh.get_vocab()
    assert kept.read_bytes() == whole
