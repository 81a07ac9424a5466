"""The twin of SQuAD: real spans, and more to it than the kind of word that is asked for."""

import numpy
import pytest

from benchbench.tasks import registry, synthetic
from benchbench.tasks.synthetic.questions import DAYS, PEOPLE, PLACES


@pytest.fixture(scope="module")
def train():
    return synthetic.generate(registry.find("squad-synthetic")).train


def test_the_answer_stands_where_the_example_says(train):
    for context, answers in zip(train["context"], train["answers"], strict=True):
        (text,), (start,) = answers["text"], answers["answer_start"]
        assert context[start : start + len(text)] == text


def test_a_sentence_with_the_names_of_the_question_has_the_answer(train):
    names = {*PEOPLE, *PLACES, *DAYS}
    for question, context, answers in zip(train["question"], train["context"], train["answers"], strict=True):
        named = names & set(question.split())
        sentences = [s for s in context.split(" . ") if named <= set(s.split())]
        assert any(answers["text"][0] in sentence for sentence in sentences)


def test_passages_are_about_as_long_as_squads(train):
    words = [len(context.split()) for context in train["context"]]
    assert numpy.mean(words) == pytest.approx(120, rel=0.15)


def test_a_word_of_the_right_kind_is_the_answer_in_about_half_of_the_passages(train):
    who = [c for q, c in zip(train["question"], train["context"], strict=True) if q.startswith("who")]
    shares = [1 / len(set(PEOPLE) & set(context.split())) for context in who]
    assert 0.4 < numpy.mean(shares) < 0.65
