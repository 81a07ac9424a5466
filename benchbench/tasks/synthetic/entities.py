"""News sentences with named entities whose type the sentence tells, not only the name.

Half of the names are surnames that persons, firms and towns share ("marsh said", "shares of marsh", "near marsh"), so
that a list of names does not get by: the words around decide. Entities have one to three words.
"""

from __future__ import annotations

import random

from benchbench.tasks.synthetic.example import Lengths, TaggedSentence, skewed_length

# Lengths in words with punctuation, as in CoNLL-2003's train split: 203,621 words in 14,041 sentences.
SENTENCE_LENGTH = Lengths(mean=14.5, deviation=9.0, shortest=4, longest=60)
SHARED = 0.5  # share of the entities whose name says nothing about their type

NAMES = (
    "marsh warren lincoln hampton dalton preston ashford bradley clifton denver easton fulton grafton harlan irving "
    "jackson kendall lawson milton norton oakley palmer quincy ramsey sutton trenton upton vernon weston york"
).split()
FIRST_NAMES = "anna boris clara david elena frank greta henry irene jonas karin leon maria nils olga peter rosa".split()
OWN_NAMES = {
    "PER": "abernathy bergstrom castellano dimitrov engelhardt fitzgerald gustafsson hernandez".split(),
    "ORG": "acmetron bellcorp cyberdyne datatec eurofin globex hydrotec infosoft".split(),
    "LOC": "azerbaijan bolivia croatia denmark estonia finland ghana hungary".split(),
    "MISC": "bolivian croatian danish estonian finnish ghanaian hungarian azeri".split(),
}
FIRM_ENDINGS = "industries bank motors airlines group".split()
PLACE_LEADS = "north south port lake new".split()
# A clause each, with one entity of the type in braces.
CLAUSES = (
    "{PER} said that talks would go on;the lawyer of {PER} had no comment;{PER} scored twice in the second half;"
    "voters chose {PER} as mayor;shares of {ORG} fell by two percent;{ORG} will hire five hundred workers;"
    "the board of {ORG} met on monday;analysts expect {ORG} to report a loss;heavy rain fell near {LOC};"
    "the road from {LOC} was closed;thousands of people left {LOC} by train;elections were held in {LOC};"
    "the {MISC} team won the match;a {MISC} ship reached the harbour;the {MISC} parliament passed a law;"
    "prices on the {MISC} market rose"
).split(";")
JOINS = ("and", "while", "after", "as", ", but")
ASIDES = (
    "on tuesday;last week;for the first time;according to reports;in the morning;at the end of the year;"
    "under heavy guard;without further notice"
).split(";")


def sentence(rng: random.Random, number: int) -> TaggedSentence:
    """One to several clauses, an entity in each, filled up to a length drawn from the real task's."""
    length = skewed_length(rng, SENTENCE_LENGTH)
    words, tags = _clause(rng)
    while len(words) + 4 < length:
        if rng.random() < 0.5:
            more, their_tags = _clause(rng)
            joined = rng.choice(JOINS).split()
            words, tags = [*words, *joined, *more], [*tags, *("O" for _ in joined), *their_tags]
        else:
            aside = rng.choice(ASIDES).split()
            words, tags = [*words, *aside], [*tags, *("O" for _ in aside)]
    return TaggedSentence((*words, "."), (*tags, "O"))


def _clause(rng: random.Random) -> tuple[list[str], list[str]]:
    words: list[str] = []
    tags: list[str] = []
    for word in rng.choice(CLAUSES).split():
        if word.startswith("{"):
            kind = word.strip("{}")
            name = _entity(rng, kind)
            words += name
            tags += [f"{'I' if place else 'B'}-{kind}" for place in range(len(name))]
        else:
            words.append(word)
            tags.append("O")
    return words, tags


def _entity(rng: random.Random, kind: str) -> list[str]:
    if kind == "MISC":
        return [rng.choice(OWN_NAMES[kind])]
    name = rng.choice(NAMES if rng.random() < SHARED else OWN_NAMES[kind])
    if rng.random() < 0.5:
        return [name]
    if kind == "PER":
        return [rng.choice(FIRST_NAMES), name]
    return [name, rng.choice(FIRM_ENDINGS)] if kind == "ORG" else [rng.choice(PLACE_LEADS), name]
