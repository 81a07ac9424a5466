"""Passages with a few small facts and questions about one of them; the answer is a span of the passage.

Each fact has a person, a deed, a thing, a place and a day. A question asks for one of them and names one or two others.
With up to three other facts in the passage, a word of the right kind is the answer in half of the passages; for the
rest the right fact has to be found. Sentences without any such word make the passages as long as SQuAD's.
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
MOST_FACTS = 4
FILLERS = (
    "the weather was mild and the streets were quiet .;nobody remembered much about the rest of that week .;"
    "people talked about it for a long time afterwards .;there was a market not far from the old bridge .;"
    "some said that it had been a very good year .;the newspapers wrote only a few lines about it .;"
    "at that time letters took several weeks to arrive .;the trains were late , as they often were in winter .;"
    "it is not known what happened to the others .;a small crowd had gathered by the gate .;"
    "prices had risen again , and work was hard to find .;the records were lost in a fire many years later .;"
    "children played near the water until it was dark .;the shops closed early because of the holiday ."
).split(";")
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
    for _ in range(rng.randrange(MOST_FACTS)):
        other = _fact(rng)
        if asked.format(**other.words()) != asked.format(**fact.words()):
            facts.append(other)
    sentences = [FORM.format(**f.words()) for f in facts]
    while sum(word_count(sentence) for sentence in sentences) < length:
        sentences.append(rng.choice(FILLERS))
    true = sentences[0]
    rng.shuffle(sentences)
    before = "".join(f"{sentence} " for sentence in sentences[: sentences.index(true)])
    lead, _, _ = FORM.partition(f"{{{wanted}}}")
    start = len(before) + len(lead.format(**fact.words()))
    return Question(asked.format(**fact.words()), " ".join(sentences), fact.words()[wanted], start)


def _fact(rng: random.Random) -> Fact:
    return Fact(rng.choice(PEOPLE), rng.choice(DEEDS), rng.choice(THINGS), rng.choice(PLACES), rng.choice(DAYS))
