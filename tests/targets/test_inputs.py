import numpy
import pytest

from benchbench.errors import InputError
from benchbench.targets import inputs
from benchbench.targets.protocol import Shape


def test_the_same_seed_gives_the_same_batch():
    first, second = (inputs.batch(Shape(2, 16), 30_522, seed=3) for _ in range(2))
    assert all(numpy.array_equal(first[name], second[name]) for name in first)
    assert not numpy.array_equal(first["input_ids"], inputs.batch(Shape(2, 16), 30_522, seed=4)["input_ids"])


def test_arrays_are_int64_of_the_shape_asked_for():
    batch = inputs.batch(Shape(3, 8), 30_522, seed=0)
    assert set(batch) == {"input_ids", "attention_mask", "token_type_ids"}
    assert all(array.shape == (3, 8) and array.dtype == numpy.int64 for array in batch.values())
    assert "token_type_ids" not in inputs.batch(Shape(3, 8), 30_522, seed=0, token_types=False)


def test_token_ids_lie_in_the_vocabulary_however_small():
    for size in (8, 100, 4096, 30_522):
        ids = inputs.batch(Shape(4, 64), size, seed=0)["input_ids"]
        assert 0 <= ids.min() <= ids.max() < size


def test_lengths_become_padding():
    batch = inputs.batch(Shape(2, 8), 30_522, seed=0, lengths=[8, 3])
    assert batch["attention_mask"].sum(axis=1).tolist() == [8, 3]
    assert (batch["input_ids"][1, 3:] == 0).all()


def test_examples_are_cut_into_batches_as_long_as_their_longest():
    lengths = (3, 8, 5, 2)
    first, second = inputs.queries(Shape(2, 10), 30_522, 0, lengths)
    assert first["attention_mask"].sum(axis=1).tolist() == [3, 8]
    assert second["input_ids"].shape == (2, 5)
    assert inputs.padding_waste(lengths, Shape(2, 10)) == pytest.approx(8 / 26)


def test_a_fixed_shape_pads_to_its_own_length():
    lengths = (3, 8, 5, 2)
    assert {q["input_ids"].shape for q in inputs.queries(Shape(2, 10), 30_522, 0, lengths, fixed=True)} == {(2, 10)}
    assert inputs.padding_waste(lengths, Shape(2, 10), fixed=True) == pytest.approx(22 / 40)


def test_lengths_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="2 numbers from 1 to 8"):
        inputs.batch(Shape(2, 8), 30_522, seed=0, lengths=[9, 1])
