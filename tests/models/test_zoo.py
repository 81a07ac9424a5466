import json
import re
from pathlib import Path

import pytest
import tiny_encoders
from command_line import benchbench

from benchbench.meters.flops.counting import count
from benchbench.models import loading, zoo
from benchbench.models.extent import Extent, extent, longest_sequence, vocabulary_size
from benchbench.models.lowering import is_lowered
from benchbench.models.source import ModelSource
from benchbench.models.zoo import LINEAR, MODELS

# Millions of parameters as the models' papers and cards have them: all, and outside the table of tokens where they say.
PUBLISHED = {
    "roberta-base": (125, None),
    "distilroberta": (82, None),
    "xlm-r-base": (278, None),
    "deberta-v3-small": (141, 44),
    "deberta-v3-base": (184, 86),
    "modernbert-base": (149, None),
    "ettin-17m": (17, None),
    "ettin-32m": (32, None),
    "ettin-68m": (68, None),
    "ettin-150m": (150, None),
    "mmbert-small": (140, 42),
    "minilm-l12": (33, 21),
    "bert-mini": (11.2, None),
    "bert-small": (28.8, None),
    "multilingual-e5-small": (118, 21),
    "bge-small": (33.4, None),
}


@pytest.fixture(scope="module")
def listed():
    return {name: extent(ModelSource(name)) for name in MODELS}


@pytest.mark.parametrize("name", PUBLISHED)
def test_sizes_are_the_published_ones(listed, name):
    millions, outside = PUBLISHED[name]
    assert listed[name].parameters / 1e6 == pytest.approx(millions, rel=0.02)
    if outside is not None:
        assert listed[name].outside_embeddings / 1e6 == pytest.approx(outside, rel=0.03)


def test_each_model_takes_texts_up_to_its_own_length(listed):
    assert {name: found.longest_sequence for name, found in listed.items() if found.longest_sequence != 512} == {
        "modernbert-base": 8192,
        "mmbert-small": 8192,
        **{f"ettin-{size}m": 7999 for size in (17, 32, 68, 150)},
    }
    assert {name: row.longest_sequence for name, row in MODELS.items()} == {
        name: found.longest_sequence for name, found in listed.items()
    }


@pytest.mark.parametrize("name", ["roberta-base", "deberta-v3-small", "ettin-17m"])
def test_a_model_is_counted_at_its_longest(listed, name):
    assert (
        count(loading.skeleton(ModelSource(name)), 1, listed[name].longest_sequence).verdict == "three counters agree"
    )


def test_positions_that_padding_keeps_are_taken_off(tmp_path):
    of = {t: tiny_encoders.write(tmp_path, t, max_position_embeddings=66) for t in ("bert", "roberta", "mpnet")}
    assert {name: longest_sequence(source) for name, source in of.items()} == {"bert": 66, "roberta": 64, "mpnet": 64}
    assert longest_sequence(tiny_encoders.write(tmp_path, "funnel")) is None
    assert longest_sequence(tiny_encoders.write(tmp_path, "roberta", max_position_embeddings=70, pad_token_id=3)) == 66


def test_every_model_with_weights_has_a_reference_and_the_list_shows_it(capsys, listed):
    assert benchbench("models", "--json") == 0
    rows = {row["model"]: row for row in json.loads(capsys.readouterr().out)}
    assert {name for name, row in rows.items() if row["hub_id"] and not row["reference"]} == set()
    assert rows.keys() == listed.keys() | LINEAR.keys()
    for name, known in listed.items():
        row = rows[name]
        assert Extent(row["parameters"], row["outside_embeddings"], row["longest_sequence"]) == known
    for name in LINEAR:
        assert rows[name].keys() == rows["bert-tiny"].keys()
        assert (rows[name]["parameters"], rows[name]["licence"]) == (None, "no weights")
    assert rows["roberta-base"]["licence"] == "MIT"
    assert rows["mobilebert"]["licence"] == "not verified"
    assert rows["bert-tiny"]["licence"] == "no weights"
    assert len(rows["bge-small"]["revision"]) == 40


def test_the_page_of_models_says_what_is_counted(listed):
    page = Path(__file__).parents[2] / "docs" / "models.md"
    row = re.compile(r"\| `([\w-]+)` \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|")
    found = {m[1]: [int(number.replace(",", "")) for number in m.groups()[1:]] for m in row.finditer(page.read_text())}
    assert len(found) > 20
    for name, (parameters, outside, longest, *_) in found.items():
        assert Extent(parameters, outside, longest) == listed[name]
    for name in ("bert-mini", "ettin-17m"):
        _, _, longest, short, long = found[name]
        module = loading.skeleton(ModelSource(name))
        assert [count(module, 1, tokens).flops for tokens in (128, longest)] == [short, long]


@pytest.mark.parametrize("name", ["squeezebert", "bert-tiny", "mobilebert", "deberta-v3-small", "ettin-17m"])
def test_what_a_row_says_without_a_library_of_models_is_what_that_says(name):
    source = ModelSource(name, lowered=True)
    assert is_lowered(loading.skeleton(source)) == (zoo.find(source.model).model_type in zoo.LOWERED)
    assert vocabulary_size(source) == loading.config(source).vocab_size
