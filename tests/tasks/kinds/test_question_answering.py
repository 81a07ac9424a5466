"""Answers are found again in windows of any length, and bad files are named."""

import json

import numpy
import pytest

from benchbench.errors import InputError
from benchbench.scoring.answers import Answers
from benchbench.tasks.formats import squad
from benchbench.tasks.kinds import question_answering as qa
from benchbench.tasks.synthetic.wordpiece import train_tokenizer

WORDS = [f"w{number}" for number in range(300)]
CONTEXT = " ".join(WORDS)


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer([CONTEXT, "which ? ann ran far ."])


def examples(*answers):
    import datasets

    return datasets.Dataset.from_dict(
        {
            "id": [str(number) for number in range(len(answers))],
            "question": ["which ?"] * len(answers),
            "context": [CONTEXT] * len(answers),
            "answers": [
                {"text": [text] if text else [], "answer_start": [CONTEXT.index(text)] if text else []}
                for text in answers
            ],
        }
    )


def oracle(training, evaluation):
    """Logits that are sure of the positions that training would teach."""
    logits = []
    for start, end, ids in zip(
        training["start_positions"], training["end_positions"], evaluation["input_ids"], strict=True
    ):
        window = numpy.full((len(ids), 2), -5.0)
        window[start, 0] = window[end, 1] = 5.0
        logits.append(window)
    return logits


@pytest.mark.parametrize("max_length", [24, 64, 384])
def test_what_training_teaches_is_what_evaluation_reads_back(tokenizer, max_length):
    texts = [f"{WORDS[i]} {WORDS[i + 1]}" for i in (0, 37, 151, 298)]
    split = examples(*texts)
    training = qa.tokenise_training(split, tokenizer, max_length)
    evaluation = qa.tokenise_evaluation(split, tokenizer, max_length)
    logits = oracle(training, evaluation)
    assert max(map(len, evaluation["input_ids"])) <= max_length
    assert qa.answers_of(split, evaluation, logits, null_answers=True) == texts


def test_no_answer_is_answered_by_nothing(tokenizer):
    split = examples("w7 w8", "")
    training = qa.tokenise_training(split, tokenizer, 64)
    evaluation = qa.tokenise_evaluation(split, tokenizer, 64)
    logits = oracle(training, evaluation)
    assert qa.answers_of(split, evaluation, logits, null_answers=True) == ["w7 w8", ""]
    assert qa.answers(None, split, evaluation, logits) == Answers([["w7 w8"], []], ["w7 w8", ""])


def test_without_null_answers_some_span_is_always_given(tokenizer):
    split = examples("w7 w8")
    evaluation = qa.tokenise_evaluation(split, tokenizer, 64)
    sure_of_nothing = [numpy.zeros((len(ids), 2)) for ids in evaluation["input_ids"]]
    for window in sure_of_nothing:
        window[0] = 9.0
    assert qa.answers_of(split, evaluation, sure_of_nothing, null_answers=False) != [""]


def test_the_best_span_begins_before_it_ends_and_lies_in_the_context():
    starts, ends = numpy.array([-1, -1, 0, 3, 6]), numpy.array([-1, -1, 2, 5, 8])
    # The likeliest start, in the last token, lies behind the likeliest end, in the first: together they are no span.
    logits = numpy.array([[9, 9], [9, 9], [0, 5], [3, 0], [4, 0.5]], dtype=float)
    span = qa.best_span(logits, starts, ends)
    assert (span.start, span.end, span.score) == (0, 2, 5.0)
    logits[4, 1] = 2  # now the last token alone is the better span
    span = qa.best_span(logits, starts, ends)
    assert (span.start, span.end, span.score) == (6, 8, 6.0)
    assert qa.best_span(logits[:2], starts[:2], ends[:2]) is None


def test_long_questions_leave_room_for_their_context(tokenizer):
    split = examples("w7").map(lambda row: {"question": "which ? " * 200}, load_from_cache_file=False)
    assert max(map(len, qa.tokenise_evaluation(split, tokenizer, 48)["input_ids"])) <= 48


def document(**question):
    answers = [{"text": "Ann", "answer_start": 0}]
    entry = {"id": "q1", "question": "Who ran?", "answers": answers, **question}
    return {"version": "1.1", "data": [{"title": "t", "paragraphs": [{"context": "Ann ran.", "qas": [entry]}]}]}


def put(place, content):
    path = place / "dev.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_official_files_are_read(tmp_path):
    assert squad.columns(put(tmp_path, document())) == {
        "id": ["q1"],
        "question": ["Who ran?"],
        "context": ["Ann ran."],
        "answers": [{"text": ["Ann"], "answer_start": [0]}],
    }
    impossible = document(is_impossible=True, answers=[], plausible_answers=[{"text": "Ann", "answer_start": 0}])
    assert squad.columns(put(tmp_path, impossible))["answers"] == [{"text": [], "answer_start": []}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r"dev\.json, line 1: not JSON"),
        ({"rows": []}, r"dev\.json: no 'data' \(list\)"),
        (document(question=None), r"data\[0\]\.paragraphs\[0\]\.qas\[0\]: no 'question' \(str\)"),
        (document(answers=[]), r"qas\[0\]: no answers; a question without one needs is_impossible"),
        (document(answers=[{"text": "Bob", "answer_start": 0}]), "'Bob' is not in the context at 0"),
        ({"data": []}, "no questions"),
    ],
)
def test_a_file_that_does_not_fit_is_named_with_the_place(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        squad.columns(put(tmp_path, content))
