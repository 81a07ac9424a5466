"""Which columns of a CoNLL file hold words and tags: guessed where that is sure, named by the user, or refused."""

import pytest

from benchbench.errors import InputError
from benchbench.tasks.custom import CustomTask, load
from benchbench.tasks.formats import conll

SENTENCE = [("Vera", "B-PER"), ("left", "O"), ("Porto", "B-LOC")]
WORDS = ["Vera", "left", "Porto"]
TAGS = ["B-PER", "O", "B-LOC"]


def written(path, line, comment=""):
    """Five sentences whose lines are `line` with number, word and tag."""
    sentence = comment + "".join(f"{line(n, word, tag)}\n" for n, (word, tag) in enumerate(SENTENCE, start=1))
    path.write_text("\n".join([sentence] * 5))
    return path


def first(path, layout=conll.GUESSED):
    _, sentence = next(conll.sentences(path, layout))
    return [word for word, _ in sentence], [tag for _, tag in sentence]


@pytest.mark.parametrize(
    "line",
    [
        lambda n, word, tag: f"{word} {tag}",
        lambda n, word, tag: f"{word}\t{tag}\t",
        lambda n, word, tag: f"{word} _ _ {tag}",
        lambda n, word, tag: f"{word} NN B-NP {tag}",
        lambda n, word, tag: f"{n}\t{word}\t{tag}",
        lambda n, word, tag: f"{n} {word} {tag} _",
        lambda n, word, tag: f"{n - 1}\t{word}\tNOUN\t{tag}",
    ],
)
@pytest.mark.parametrize("comment", ["", "# id 7\tdomain=en\n", "# source: http://example.org/7 [2020]\n# more\n"])
def test_words_and_tags_are_found(tmp_path, line, comment):
    path = written(tmp_path / "data.conll", line, comment)
    assert first(path) == (WORDS, TAGS)
    assert len(list(conll.sentences(path))) == 5


def test_a_sentence_may_begin_with_a_hash(tmp_path):
    path = tmp_path / "data.conll"
    path.write_text("# O\none O\n\n#tag\tO\n")
    assert [[word for word, _ in sentence] for _, sentence in conll.sentences(path)] == [["#", "one"], ["#tag"]]


def test_two_columns_of_tags_beside_numbered_words_are_told_apart_by_the_user(tmp_path):
    path = written(tmp_path / "data.conll", lambda n, word, tag: f"{n}\t{word}\t{tag}\tO", "# 1\n")
    with pytest.raises(InputError, match=r"words are numbered, and columns 3, 4 hold tags; say .* 'tag_column: 3'"):
        first(path)
    assert first(path, conll.Layout(tag=3)) == (WORDS, TAGS)
    assert first(path, conll.Layout(tag=-1)) == (WORDS, ["O", "O", "O"])
    assert first(path, conll.Layout(word=2, tag=-2)) == (WORDS, TAGS)
    data = load("mine", CustomTask(path=str(path), evaluation=str(path), tag_column=3))
    assert data.train["words"][0] == WORDS


@pytest.mark.parametrize(
    ("line", "layout", "message"),
    [
        (lambda n, word, tag: f"{n}\t{tag}", {}, "all words are numbers; .* 'word_column: 1'"),
        (lambda n, word, tag: f"{n}\t{word}\tNOUN", {}, "words are numbered, and no column holds only tags"),
        (lambda n, word, tag: f"{word} {tag}", {"tag": 3}, "has 2 columns, none of them number 3"),
        (lambda n, word, tag: f"{word} {tag}", {"tag": 1}, "column 1 cannot hold both words and tags"),
        (lambda n, word, tag: f"{word} {word} {tag}" if n == 1 else f"{word} {tag}", {}, "line 2: 2 columns instead"),
        (lambda n, word, tag: f"{tag} {word}", {}, "line 1: 'Vera' is no tag; .* the column that tag_column names"),
    ],
)
def test_columns_that_cannot_be_told_are_refused(tmp_path, line, layout, message):
    path = written(tmp_path / "data.conll", line)
    with pytest.raises(InputError, match=message):
        first(path, conll.Layout(**layout))


def test_words_that_are_numbers_are_words_when_the_user_says_so(tmp_path):
    path = written(tmp_path / "data.conll", lambda n, word, tag: f"{n}\t{tag}")
    assert first(path, conll.Layout(word=1)) == (["1", "2", "3"], TAGS)
