"""News passages and claims about them; the claim follows, or it does not.

A passage names people with their employer, home and role, among sentences of background. A claim states one such fact
in other words. A false claim either brings in a name or value the passage does not have, or gives one person's value
to another. Names and values are drawn alike for both labels, so that neither text alone, nor the words of both
without their arrangement, tell anything.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from benchbench.tasks.synthetic.example import Example, skewed_length, word_count

# Lengths in words with punctuation, as in RTE's train split: passage 51.8 ± 38.6, claim 10.5 ± 5.1.
PASSAGE_LENGTH = {"mean": 52.0, "deviation": 38.0, "shortest": 12, "longest": 220}
SWAPPED = 0.35  # share of the false claims that confuse two people of the passage, where it has two

NAMES = (
    "alvarez becker castro dubois eriksen fischer garcia haddad ivanov jensen kumar larsen moreau novak okafor petrov "
    "quinn rossi silva tanaka ueda vargas weber yilmaz"
).split()
EMPLOYERS = (
    "acorn beacon cobalt delta ember falcon granite harbour indigo jupiter keystone lumen meridian nimbus orion "
    "pioneer quartz raven summit titan"
).split()
TOWNS = (
    "ankara bergen cairo dublin essen florence geneva havana istanbul jakarta kyoto lisbon madrid nairobi oslo prague "
    "quito riga seville toronto"
).split()
ROLES = (
    "architect baker chemist dentist editor farmer geologist harpist inspector judge librarian miner nurse optician "
    "pilot reporter"
).split()
VALUES = {"employer": EMPLOYERS, "town": TOWNS, "role": ROLES}
STATEMENTS = {
    "employer": ("{name} works for {value}", "{name} is employed by {value}", "{name} has a post at {value}"),
    "town": ("{name} lives in {value}", "{name} has a home in {value}", "{name} comes from {value}"),
    "role": ("{name} is a trained {value}", "{name} earns a living as a {value}", "{name} has become a {value}"),
}
LEADS = ("", "according to the report , ", "it is known that ", "the paper says that ", "")
BACKGROUND = (
    "the weather was mild for the season .;officials declined to comment on the matter .;"
    "the talks are expected to go on until the end of the month .;prices have risen by about two percent this year .;"
    "a spokesman said that no decision had been taken so far .;the new bridge was opened to traffic last week .;"
    "many visitors had come to see the exhibition .;the committee will meet again after the holidays .;"
    "experts disagree about the causes of the accident .;"
    "the government plans to spend more money on schools and hospitals .;"
    "there were no reports of damage .;the match ended in a draw before a large crowd ."
).split(";")


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    kind: str
    value: str


def pair(rng: random.Random, number: int) -> Example:
    """A passage and a claim; even numbers entail."""
    length = skewed_length(rng, **PASSAGE_LENGTH)
    people = rng.sample(NAMES, k=1 if length < 30 else rng.choice((2, 3)))
    kinds = rng.sample(sorted(VALUES), k=1 if length < 30 else rng.choice((1, 2)))
    values = {kind: rng.sample(VALUES[kind], k=len(people)) for kind in kinds}
    facts = [Fact(name, kind, values[kind][i]) for kind in kinds for i, name in enumerate(people)]
    fact = rng.choice(facts)
    claim = fact if number % 2 == 0 else _false(rng, fact, facts)
    return Example((_passage(rng, facts, length), _claim(rng, claim)), number % 2)


def _false(rng: random.Random, fact: Fact, facts: list[Fact]) -> Fact:
    """A claim of the same kind as `fact` that `facts` do not support."""
    others = [other for other in facts if other.kind == fact.kind and other.name != fact.name]
    if others and rng.random() < SWAPPED:
        return Fact(fact.name, fact.kind, rng.choice(others).value)
    if rng.random() < 0.5:
        absent = [name for name in NAMES if name not in {f.name for f in facts}]
        return Fact(rng.choice(absent), fact.kind, fact.value)
    absent = [value for value in VALUES[fact.kind] if value not in {f.value for f in facts}]
    return Fact(fact.name, fact.kind, rng.choice(absent))


def _statement(rng: random.Random, fact: Fact) -> str:
    return rng.choice(STATEMENTS[fact.kind]).format(name=fact.name, value=fact.value)


def _claim(rng: random.Random, fact: Fact) -> str:
    return f"{rng.choice(LEADS)}{_statement(rng, fact)} ."


def _passage(rng: random.Random, facts: list[Fact], length: int) -> str:
    """Facts in random order, then background until it has about `length` words: news put the matter first."""
    sentences = [f"{_statement(rng, fact)} ." for fact in facts]
    rng.shuffle(sentences)
    background = rng.sample(BACKGROUND, k=len(BACKGROUND))
    while sum(map(word_count, sentences)) + 5 < length and background:
        sentences.append(background.pop())
    return " ".join(sentences)
