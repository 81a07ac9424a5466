"""Pairs of scene descriptions with a score from 0 (nothing in common) to 5 (the same meaning).

A scene has an agent, an action, an object, a place and a time. The second sentence keeps some of these, replaces some
by a relative (another animal for an animal) and some by anything else. The score is 5 times the weighted share kept,
a relative counting half; kept words may be replaced by their synonyms, at no loss.
"""

from __future__ import annotations

import random

from benchbench.tasks.synthetic.example import Example

# A concept is its synonyms, parted by '/'; a row is a category.
AGENTS = (
    "man/guy;woman/lady;boy/lad;girl/lass",
    "dog/hound;cat/kitten;horse/pony;cow/calf",
    "doctor/physician;teacher/tutor;soldier/trooper;singer/vocalist",
)
ACTIONS = (
    "is eating/is devouring;is slicing/is cutting;is cooking/is frying",
    "is carrying/is lugging;is throwing/is tossing;is pushing/is shoving",
    "is watching/is observing;is painting/is sketching;is cleaning/is washing",
)
OBJECTS = (
    "an apple;a potato;a carrot;an onion",
    "a guitar;a drum;a flute;a violin",
    "a box/a crate;a ball;a chair/a seat;a bicycle/a bike",
)
PLACES = (
    "in the kitchen;in the garden/in the yard;on the stairs",
    "on the beach/on the shore;in the forest/in the woods;by the river/by the stream",
    "at the station;in the street/on the road;at the market",
)
TIMES = (
    "in the morning;at noon/at midday;in the evening",
    "on monday;on friday;on sunday",
    "in winter;in summer;in autumn/in the fall",
)
SLOTS = (AGENTS, ACTIONS, OBJECTS, PLACES, TIMES)
WEIGHTS = (0.3, 0.25, 0.25, 0.1, 0.1)
ASIDES = (
    "while two friends look on;as reported by the local newspaper;and nobody else seems to notice;"
    "after a long and quiet afternoon;because there was nothing else to do that day;"
    "while the others wait outside;as the music plays"
).split(";")


def pair(rng: random.Random, number: int) -> Example:
    """A scene and its variation. How much is kept is drawn first, so that scores cover the whole range."""
    keep = rng.random()
    size = rng.choice((3, 3, 4, 5))
    first = [_concept(rng, slot) for slot in SLOTS[:size]]
    second = [_varied(rng, slot, concept, keep) for slot, concept in zip(SLOTS, first, strict=False)]
    likeness = sum(w * _likeness(s, a, b) for w, s, a, b in zip(WEIGHTS, SLOTS, first, second, strict=False))
    score = round(5 * likeness / sum(WEIGHTS[:size]) * 5) / 5
    return Example((_sentence(rng, first), _sentence(rng, second)), score)


def _concepts(category: str) -> list[str]:
    return category.split(";")


def _concept(rng: random.Random, slot: tuple[str, ...]) -> str:
    return rng.choice(_concepts(rng.choice(slot)))


def _varied(rng: random.Random, slot: tuple[str, ...], concept: str, keep: float) -> str:
    if rng.random() < keep:
        return concept
    if rng.random() < 0.3:
        return rng.choice(_concepts(_category(slot, concept)))
    return _concept(rng, slot)


def _category(slot: tuple[str, ...], concept: str) -> str:
    return next(category for category in slot if concept in _concepts(category))


def _likeness(slot: tuple[str, ...], a: str, b: str) -> float:
    if a == b:
        return 1.0
    return 0.5 if _category(slot, a) == _category(slot, b) else 0.0


def _sentence(rng: random.Random, concepts: list[str]) -> str:
    words = [rng.choice(concept.split("/")) for concept in concepts]
    text = " ".join(("a", *words))
    if rng.random() < 0.3:
        text = f"{text} {rng.choice(ASIDES)}"
    return f"{text} ."
