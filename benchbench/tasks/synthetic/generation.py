"""From a grammar to a data set: draws examples, keeps them distinct, splits them, and fingerprints the result."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchbench.errors import unknown
from benchbench.tasks.synthetic import ENTAILMENT, SENTIMENT, SIMILARITY, entailment, sentiment, similarity
from benchbench.tasks.synthetic.example import Example
from benchbench.tasks.task import Task, TaskData

if TYPE_CHECKING:
    import datasets


@dataclass(frozen=True, slots=True)
class Recipe:
    """How many examples of which grammar. A grammar draws the example of a number; parity balances the labels."""

    train: Callable[[random.Random, int], Example]
    validation: Callable[[random.Random, int], Example]
    train_examples: int
    validation_examples: int


RECIPES = {
    SENTIMENT.name: Recipe(sentiment.phrase, sentiment.review, 8000, 872),
    ENTAILMENT.name: Recipe(entailment.pair, entailment.pair, 6000, 800),
    SIMILARITY.name: Recipe(similarity.pair, similarity.pair, 6000, 1000),
}


def generate_data(task: Task, seed: int) -> TaskData:
    """The examples of `task` for `seed`; no text, or pair of texts, occurs twice in the whole of it."""
    recipe = RECIPES.get(task.name)
    if recipe is None:
        raise unknown("synthetic task", task.name, RECIPES)
    seen: set[tuple[str, ...]] = set()
    # Python's generator seeds from a string the same way on every platform and version.
    validation = _draw(
        recipe.validation, random.Random(f"{task.name}/validation/{seed}"), recipe.validation_examples, seen
    )
    train = _draw(recipe.train, random.Random(f"{task.name}/train/{seed}"), recipe.train_examples, seen)
    return TaskData(
        task=task,
        train=_dataset(train),
        evaluation={"validation": _dataset(validation)},
        origin="synthetic",
        fingerprint=_fingerprint(train, validation),
    )


def _draw(
    grammar: Callable[[random.Random, int], Example], rng: random.Random, count: int, seen: set[tuple[str, ...]]
) -> list[Example]:
    """`count` examples whose texts are not in `seen`, which grows by them, in random order."""
    examples: list[Example] = []
    while len(examples) < count:
        example = grammar(rng, len(examples))
        if example.texts not in seen:
            seen.add(example.texts)
            examples.append(example)
    rng.shuffle(examples)
    return examples


def _dataset(examples: list[Example]) -> datasets.Dataset:
    import datasets

    columns: dict[str, list[object]] = {"text": [e.texts[0] for e in examples]}
    if len(examples[0].texts) == 2:
        columns["text_pair"] = [e.texts[1] for e in examples]
    columns["label"] = [e.label for e in examples]
    return datasets.Dataset.from_dict(columns)


def _fingerprint(*splits: list[Example]) -> str:
    content = json.dumps([[[*e.texts, e.label] for e in split] for split in splits], ensure_ascii=True)
    return hashlib.sha256(content.encode()).hexdigest()
