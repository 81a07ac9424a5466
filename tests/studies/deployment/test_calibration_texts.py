"""The texts that a deployed int8 model is calibrated on: of the training split, the same for the same seed."""

import datasets
import tiny_checkpoints

from benchbench.studies.deployment.calibration_texts import calibration_of

TRAINING = datasets.Dataset.from_dict({"input_ids": [[2, number, 3] for number in range(4, 34)]})


def drawn(seed, examples=8):
    return calibration_of(TRAINING, tiny_checkpoints.tokenizer(), seed, examples)


def test_the_same_seed_draws_the_same_texts_of_the_training_split():
    first, again, other = drawn(0), drawn(0), drawn(1)
    assert first == again
    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert first.examples == 8
    assert {list(ids)[1] for ids in first.texts.input_ids} <= set(range(4, 34))


def test_the_record_says_how_many_texts_which_seed_and_which_tokens():
    said = drawn(5).explanation
    assert "8 training texts, seed 5" in said
    assert drawn(5).fingerprint[:16] in said


def test_a_small_split_is_read_whole():
    assert sorted(drawn(0, examples=100).texts.input_ids) == [tuple(ids) for ids in TRAINING["input_ids"]]
