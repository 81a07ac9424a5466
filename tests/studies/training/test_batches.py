"""Batches cut from memory are those that transformers' collators make."""

from copy import deepcopy

import datasets
import pytest
import torch

from benchbench.studies.training.batches import Batches
from benchbench.tasks import kinds, synthetic
from benchbench.tasks.registry import find

INPUTS = ("input_ids", "token_type_ids", "attention_mask")
CASES = {
    "sst2-synthetic": ("labels",),
    "stsb-synthetic": ("labels",),
    "conll2003-synthetic": ("labels",),
    "squad-synthetic": ("start_positions", "end_positions"),
}


def tokens(name, count=30):
    task = find(name)
    data = synthetic.generate(task)
    return kinds.of(task), kinds.of(task).tokenise_training(data.train.select(range(count)), synthetic.tokenizer(), 64)


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("pad_to", [None, 64])
@pytest.mark.parametrize("name", CASES)
def test_a_batch_is_that_of_the_collator(name, pad_to, side):
    kind, examples = tokens(name)
    tokenizer = deepcopy(synthetic.tokenizer())  # all tests share it
    tokenizer.padding_side = side
    columns = (*INPUTS, *CASES[name])
    numbers = [7, 2, 11, 5]
    rows = examples.select_columns([column for column in columns if column in examples.column_names])
    theirs = kind.collator(tokenizer, pad_to)([rows[number] for number in numbers])
    batches = Batches.of(examples, columns, tokenizer, token_label=kind.no_token_label, pad_to=pad_to)
    ours = batches.batch(numbers)
    assert ours.keys() == theirs.keys()
    for column, made in ours.items():
        assert made.dtype == theirs[column].dtype
        torch.testing.assert_close(made, theirs[column], rtol=0, atol=0)
    padding = int((theirs["attention_mask"] == 0).sum())
    assert (batches.examples, batches.tokens, batches.padding) == (4, ours["input_ids"].numel(), padding)


def test_of_a_selection_its_own_examples_are_taken_and_lists_of_labels_stay_whole():
    rows = {
        "input_ids": [[n] * (n + 1) for n in range(6)],
        "labels": [[float(n % 2), 1.0, 0.0] for n in range(6)],
        "note": ["not taken"] * 6,
    }
    few = datasets.Dataset.from_dict(rows).select([5, 2, 0])
    batch = Batches.of(few, ("input_ids", "labels"), synthetic.tokenizer()).batch([1, 0])
    assert batch["input_ids"].tolist() == [[2, 2, 2, 0, 0, 0], [5] * 6]
    assert batch["labels"].tolist() == [[0, 1, 0], [1, 1, 0]]
    assert batch["labels"].dtype == torch.float32
    assert batch.keys() == {"input_ids", "attention_mask", "labels"}
