"""Tags belong to words, and CoNLL files that do not fit are named by line."""

import datasets
import numpy
import pytest
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from benchbench import places
from benchbench.errors import InputError
from benchbench.scoring.answers import outcomes
from benchbench.tasks import kinds, registry, sources
from benchbench.tasks.formats import conll
from benchbench.tasks.kinds.token_classification import answers, collator, first_pieces, tokenise
from benchbench.tasks.synthetic.wordpiece import train_tokenizer

CONLL = "-DOCSTART- -X- O O\n\nAnn\tB-person\nLee\tI-person\nsaw\tO\nParis\tB-location\n\nnothing\tO\n"


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(["saw nothing an n le e par is"] * 3)


@pytest.fixture
def data(tmp_path):
    return written(tmp_path, CONLL)


def f1(data, tokens, logits):
    return outcomes(kinds.marking(data.task), answers(data.task, data.train, tokens, logits)).scores()["f1"]


def written(place, text):
    (place / "wnut17").mkdir(exist_ok=True)
    for name in ("train.conll", "dev.conll"):
        (place / "wnut17" / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return sources.load(registry.find("wnut17"), places.local(place))


def test_only_the_first_piece_of_a_word_has_its_tag():
    assert first_pieces([None, 0, 0, 1, 2, 2, None]) == [None, 0, None, 1, 2, None, None]


def test_perfect_logits_score_one_whatever_the_pieces(data, tokenizer):
    tokens = tokenise(data.train, tokenizer, 64)
    assert [len(labels) for labels in tokens["labels"]] == [len(ids) for ids in tokens["input_ids"]]
    assert len(tokens["input_ids"][0]) > 6
    logits = [numpy.eye(len(data.task.labels))[numpy.maximum(labels, 0)] for labels in tokens["labels"]]
    assert f1(data, tokens, logits) == 1.0


PRE_TOKENIZERS = {
    "RoBERTa": pre_tokenizers.ByteLevel(add_prefix_space=False),
    "RoBERTa, told": pre_tokenizers.ByteLevel(add_prefix_space=True),
    "ModernBERT": pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r" ?\p{L}+| ?[^\s\p{L}]+|\s+"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    ),
    "XLM-R": pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]),
    "DeBERTa": pre_tokenizers.Metaspace(prepend_scheme="first"),
    "no space first": pre_tokenizers.Metaspace(prepend_scheme="never"),
    "BERT": pre_tokenizers.BertPreTokenizer(),
}


@pytest.mark.parametrize("name", PRE_TOKENIZERS)
@pytest.mark.parametrize("vocabulary", [260, 400])  # too small for whole words, and large enough
def test_words_have_the_pieces_that_they_have_within_a_text(name, vocabulary):
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = PRE_TOKENIZERS[name]
    letters = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, initial_alphabet=letters, show_progress=False)
    trained.train_from_iterator(["a cold river runs beside the old mill, and the miller sleeps"] * 9, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=trained)
    words = ["the", "old", "miller", ",", "Zoë", "runs"]
    split = datasets.Dataset.from_dict({"words": [words], "tags": [list(range(6))]})
    tokens = tokenise(split, tokenizer, 64)
    text = tokenizer(f"mill {' '.join(words)}")["input_ids"][len(tokenizer("mill")["input_ids"]) :]
    assert tokens["input_ids"][0] == text
    assert [tag for tag in tokens["labels"][0] if tag != -100] == list(range(6))


def test_words_that_were_cut_off_count_as_not_found(data, tokenizer):
    tokens = tokenise(data.train, tokenizer, 4)
    logits = [numpy.eye(len(data.task.labels))[numpy.maximum(labels, 0)] for labels in tokens["labels"]]
    assert f1(data, tokens, logits) < 1


def test_a_word_without_pieces_does_not_shift_its_neighbours(tmp_path, tokenizer):
    data = written(tmp_path, "\u200d\tO\nAnn\tB-person\n")
    tokens = tokenise(data.train, tokenizer, 16)
    logits = [numpy.eye(len(data.task.labels))[numpy.maximum(labels, 0)] for labels in tokens["labels"]]
    assert f1(data, tokens, logits) == 1.0


def test_batches_pad_labels_with_what_the_loss_ignores(data, tokenizer):
    tokens = tokenise(data.train, tokenizer, 64)
    batch = collator(tokenizer)([{k: row[k] for k in ("input_ids", "attention_mask", "labels")} for row in tokens])
    assert (batch["labels"][batch["attention_mask"] == 0] == -100).all()


def test_conll_files_have_sentences_between_empty_lines(data):
    assert data.train["words"][:] == [["Ann", "Lee", "saw", "Paris"], ["nothing"]]
    tags = [data.task.labels[tag] for tag in data.train["tags"][0]]
    assert tags == ["B-person", "I-person", "O", "B-location"]
    assert data.origin.endswith("/wnut17")


def test_labels_are_found_in_a_file(tmp_path):
    (tmp_path / "a.conll").write_text("a B-X\nb O\n\nc\tI-A\n")
    assert conll.labels(tmp_path / "a.conll") == ("O", "B-A", "I-A", "B-X", "I-X")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\tO\nword\n", "train.conll, line 2: a word without a tag"),
        ("a\tO\n\nb\tperson\n", "train.conll, line 3: 'person' is no tag"),
        ("a\tO\nb\tB-planet\n", "train.conll, line 2: unknown tag 'B-planet'"),
        (b"a\tO\n\xff\tO\n", "train.conll, line 2: not UTF-8"),
        ("\n\n", "no sentences"),
    ],
)
def test_a_row_that_does_not_fit_is_named_by_file_and_line(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        written(tmp_path, text)
