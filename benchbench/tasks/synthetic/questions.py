"""Passages of small facts and questions about one of them; the answer is a span of the passage.

Each fact has a person, a deed, a thing, a place and a day. A question asks for one of them and names one or two others.
Other facts of the passage share some of what the question names, so that the right fact has to be found and not only
a word of the right kind.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from benchbench.tasks.synthetic.example import Lengths, Question, skewed_length, word_count

# Lengths in words with punctuation, about as in SQuAD v1.1: passages of 120 words, questions of ten.
PASSAGE_LENGTH = Lengths(mean=120.0, deviation=50.0, shortest=24, longest=400)

PEOPLE = "alma bruno carla dario edith felix gerda hugo ilona josef klara lukas mirjam noel oskar paula".split()
DEEDS = (("bought", "buy"), ("sold", "sell"), ("found", "find"), ("painted", "paint"), ("repaired", "repair"))
THINGS = (
    "an old clock;a red bicycle;a wooden boat;a silver ring;a small house;a garden chair;a heavy door;a blue lamp;"
    "a pair of boots;a box of letters;a copper kettle;a stone bench"
).split(";")
PLACES = "lisbon geneva dublin krakow bergen malaga tartu ghent turin graz porto leeds".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
FORM = "{person} {deed} {thing} in {place} on {day} ."
QUESTIONS = {
    "person": ("who {deed} {thing} in {place} ?", "who {deed} {thing} on {day} ?"),
    "thing": ("what did {person} {base} in {place} ?", "what did {person} {base} on {day} ?"),
    "place": ("where did {person} {base} {thing} ?", "in which town did {person} {base} something on {day} ?"),
    "day": ("when did {person} {base} {thing} ?", "on which day did {person} {base} something in {place} ?"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    person: str
    deed: tuple[str, str]
    thing: str
    place: str
    day: str

    def words(self) -> dict[str, str]:
        past, base = self.deed
        return {"person": self.person, "deed": past, "base": base} | {
            "thing": self.thing,
            "place": self.place,
            "day": self.day,
        }


def question(rng: random.Random, number: int) -> Question:
    """A question that exactly one fact of its passage answers, with that fact's answer."""
    wanted = tuple(QUESTIONS)[number % len(QUESTIONS)]
    length = skewed_length(rng, PASSAGE_LENGTH)
    fact = _fact(rng)
    asked = rng.choice(QUESTIONS[wanted])
    facts = [fact]
    while sum(word_count(FORM.format(**f.words())) for f in facts) + 5 < length:
        other = _fact(rng)
        if asked.format(**other.words()) != asked.format(**fact.words()):
            facts.append(other)
    rng.shuffle(facts)
    before = "".join(f"{FORM.format(**f.words())} " for f in facts[: facts.index(fact)])
    lead, _, _ = FORM.partition(f"{{{wanted}}}")
    passage = " ".join(FORM.format(**f.words()) for f in facts)
    start = len(before) + len(lead.format(**fact.words()))
    return Question(asked.format(**fact.words()), passage, fact.words()[wanted], start)


def _fact(rng: random.Random) -> Fact:
    return Fact(rng.choice(PEOPLE), rng.choice(DEEDS), rng.choice(THINGS), rng.choice(PLACES), rng.choice(DAYS))
