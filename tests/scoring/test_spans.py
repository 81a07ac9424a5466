"""Answers to questions are scored as SQuAD's scripts do."""

import pytest

from benchbench.scoring.spans import score


@pytest.mark.parametrize(
    ("right", "given", "exact", "f1"),
    [
        (["The Panthers"], "panthers!", 1, 1),
        (["in 1999", "1999"], "1999", 1, 1),
        (["Kawann Short"], "Short", 0, 2 / 3),
        (["Kawann Short"], "", 0, 0),
        (["cat sat"], "the cat, the cat", 0, 1 / 2),
    ],
)
def test_exact_match_and_f1(right, given, exact, f1):
    scores = score([right], [given]).scores()
    assert scores["exact_match"] == exact
    assert scores["f1"] == pytest.approx(f1)


@pytest.mark.parametrize(
    ("right", "given", "exact", "f1"),
    [
        ([], "", 1, 1),
        ([], "the", 1, 1),
        ([], "cat", 0, 0),
        (["cat"], "", 0, 0),
        (["the", "cat"], "a", 0, 0),
        (["the"], "a", 1, 1),
    ],
)
def test_with_questions_without_answer_the_rules_of_v2_hold(right, given, exact, f1):
    scores = score([right, []], [given, ""]).scores()
    assert (2 * scores["exact_match"] - 1, 2 * scores["f1"] - 1) == (exact, f1)
