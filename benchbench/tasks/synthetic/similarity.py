"""Pairs of scene descriptions with a score from 0 (nothing in common) to 5 (the same meaning).

A scene has an agent, an action, an object and a place. The second sentence keeps some of these, replaces some by a
relative (another animal for an animal) and some by anything else. The score is 5 times the mean over the parts,
where a kept part counts 1 (also as a synonym), a relative one half, anything else 0.
"""

from __future__ import annotations

import random

from benchbench.tasks.synthetic.example import Labelled, Lengths, skewed_length, word_count

# Lengths in words with punctuation, as in STS-B's train split: each sentence 11.7 ± 6.9, both of a pair alike.
SENTENCE_LENGTH = Lengths(mean=11.7, deviation=6.9, shortest=5, longest=40)
LEAN = 0.6  # how far the categories listed first lean to pairs that keep much: a foothold for gradient descent

# A concept is its synonyms, parted by '/'; a row is a category.
AGENTS = ("man/guy;woman/lady;boy/lad", "dog/hound;cat/kitten;horse/pony")
ACTIONS = ("eats/devours;slices/cuts;cooks/fries", "carries/lugs;throws/tosses;pushes/shoves")
OBJECTS = ("an apple;a potato;an onion", "a box/a crate;a ball;a chair/a seat")
PLACES = ("in the kitchen;in the hall;on the stairs", "on the beach/on the shore;in the woods;by the river")
SLOTS = (AGENTS, ACTIONS, OBJECTS, PLACES)
ASIDES = (
    "while two friends look on;as reported by the local newspaper;and nobody else seems to notice;"
    "after a long and quiet afternoon;because there was nothing else to do that day;"
    "while the others wait outside;as the music plays;with great care;once again"
).split(";")


def pair(rng: random.Random, number: int) -> Labelled:
    """A scene and its variation. How much is kept is drawn first, so that scores cover the whole range."""
    keep = rng.random()
    length = skewed_length(rng, SENTENCE_LENGTH)
    slots = SLOTS[: 3 if length < 9 else 4]
    first = [_first(rng, slot, keep) for slot in slots]
    second = [_varied(rng, slot, concept, keep) for slot, concept in zip(slots, first, strict=True)]
    likeness = [_likeness(slot, a, b) for slot, a, b in zip(slots, first, second, strict=True)]
    score = round(5 * sum(likeness) / len(likeness), 1)
    return Labelled((_sentence(rng, first, length), _sentence(rng, second, length)), score)


def _first(rng: random.Random, slot: tuple[str, ...], keep: float) -> str:
    leading = rng.random() < 0.5 + LEAN * (keep - 0.5)
    return rng.choice(slot[0 if leading else 1].split(";"))


def _varied(rng: random.Random, slot: tuple[str, ...], concept: str, keep: float) -> str:
    if rng.random() < keep:
        return concept
    category = _category(slot, concept)
    other = next(c for c in slot if c != category)
    return rng.choice((category if rng.random() < 0.3 else other).split(";"))


def _category(slot: tuple[str, ...], concept: str) -> str:
    return next(category for category in slot if concept in category.split(";"))


def _likeness(slot: tuple[str, ...], a: str, b: str) -> float:
    if a == b:
        return 1.0
    return 0.5 if _category(slot, a) == _category(slot, b) else 0.0


def _sentence(rng: random.Random, concepts: list[str], length: int) -> str:
    text = " ".join(("a", *(rng.choice(concept.split("/")) for concept in concepts)))
    while word_count(text) + 3 < length:
        text = f"{text} {rng.choice(ASIDES)}"
    return f"{text} ."
