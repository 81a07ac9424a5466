"""From a grammar to a data set: draws examples, keeps them distinct, splits them, and fingerprints the result."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchbench.errors import unknown
from benchbench.tasks.synthetic import entailment, entities, questions, sentiment, similarity
from benchbench.tasks.synthetic.example import Example
from benchbench.tasks.synthetic.twins import ENTAILMENT, ENTITIES, QUESTIONS, SENTIMENT, SIMILARITY
from benchbench.tasks.task import Task, TaskData

if TYPE_CHECKING:
    import datasets


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which grammar each split is of. A grammar draws the example of a number; parity balances the labels."""

    train: Callable[[random.Random, int], Example]
    validation: Callable[[random.Random, int], Example]
    validation_examples: int


RECIPES = {
    SENTIMENT.name: Recipe(sentiment.phrase, sentiment.review, 872),
    ENTAILMENT.name: Recipe(entailment.pair, entailment.pair, 800),
    SIMILARITY.name: Recipe(similarity.pair, similarity.pair, 1000),
    ENTITIES.name: Recipe(entities.sentence, entities.sentence, 1000),
    QUESTIONS.name: Recipe(questions.question, questions.question, 800),
}


def generate_data(task: Task, seed: int) -> TaskData:
    """The examples of `task` for `seed`; no text, or pair of texts, occurs twice in the whole of it."""
    recipe = RECIPES.get(task.name)
    if recipe is None:
        raise unknown("synthetic task", task.name, RECIPES)
    seen: set[tuple[str, ...]] = set()
    # Python's generator seeds from a string the same way on every platform and version.
    validation_drawn = _draw(
        recipe.validation, random.Random(f"{task.name}/validation/{seed}"), recipe.validation_examples, seen
    )
    train_drawn = _draw(recipe.train, random.Random(f"{task.name}/train/{seed}"), task.train_examples, seen)
    train, validation = ([example.row(task.labels) for example in split] for split in (train_drawn, validation_drawn))
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


def _dataset(rows: list[Mapping[str, object]]) -> datasets.Dataset:
    import datasets

    return datasets.Dataset.from_dict({name: [row[name] for row in rows] for name in rows[0]})


def _fingerprint(*splits: list[Mapping[str, object]]) -> str:
    content = json.dumps([[list(row.values()) for row in split] for split in splits], ensure_ascii=True)
    return hashlib.sha256(content.encode()).hexdigest()
