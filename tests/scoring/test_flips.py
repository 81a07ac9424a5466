"""The examples that one system has right and the other wrong."""

from benchbench.records import Marking
from benchbench.scoring.answers import Answers
from benchbench.scoring.flips import Flip, flips


def test_flips_of_classes_are_those_that_one_alone_has_right():
    marking = Marking("classification", ("accuracy",), ("a", "b", "c"))
    found = flips(marking, Answers([0, 1, 2, 0], [0, 2, 2, 1]), Answers([0, 1, 2, 0], [1, 1, 2, 2]))
    assert found == (Flip(0, 0, 0, 1, -1.0), Flip(1, 1, 2, 1, 1.0))


def test_flips_of_a_regression_are_the_largest_changes_of_the_error_first():
    truth = [1.0, 2.0, 3.0]
    found = flips(Marking("regression", ("pearson",)), Answers(truth, [1.5, 2.0, 3.0]), Answers(truth, [1.0, 0.0, 3.0]))
    assert found == (Flip(1, 2.0, 2.0, 0.0, -2.0), Flip(0, 1.0, 1.5, 1.0, 0.5))


def test_entities_and_texts_count_not_how_they_are_written():
    tags = Marking("token-classification", ("f1",))
    truth = [["B-X", "O"], ["B-X", "I-X"]]
    assert flips(tags, Answers(truth, truth), Answers(truth, [["I-X", "O"], ["B-X", "O"]])) == (
        Flip(1, ["B-X", "I-X"], ["B-X", "I-X"], ["B-X", "O"], -1.0),
    )
    spans = Marking("question-answering", ("f1", "exact_match"))
    texts = [["the mill"], ["river"]]
    found = flips(spans, Answers(texts, ["Mill!", "mill"]), Answers(texts, ["the mill", "a river"]))
    assert [(flip.number, flip.gain) for flip in found] == [(1, 1.0)]


def test_several_labels_must_all_be_right():
    marking = Marking("multi-label", ("micro_f1",), ("a", "b"))
    truth = [[1, 1], [0, 0]]
    found = flips(marking, Answers(truth, [[1, 1], [0, 1]]), Answers(truth, [[0, 1], [1, 1]]))
    assert [(flip.number, flip.gain) for flip in found] == [(0, -1.0)]
