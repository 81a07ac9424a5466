"""News passages and claims about them; the claim follows, or it does not.

A passage reports one to three events of different kinds, each with one of two outcomes (shares rise or fall, a court
convicts or acquits…), among sentences of background. The claim states the outcome of one of them in words of its own:
it follows if the outcome is the same. In claims both outcomes are equally likely for both labels; in passages they
lean to one side, as a foothold for gradient descent (a pure exclusive-or has no slope to start from), and far too
little for a bag of words to get by: the two texts have to be compared.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from benchbench.tasks.synthetic.example import Labelled, Lengths, skewed_length, word_count

# Lengths in words with punctuation, as in RTE's train split: passage 51.8 ± 38.6, claim 10.5 ± 5.1.
PASSAGE_LENGTH = Lengths(mean=52.0, deviation=38.0, shortest=12, longest=220)
RIVALS = 0.2  # share of the passages with a second event of the claim's kind and the other outcome
LEAN = 0.2  # how much likelier than one half the good outcome is in passages whose claim follows, and the bad in others

NAMES = (
    "alvarez becker castro dubois eriksen fischer garcia haddad ivanov jensen kumar larsen moreau novak okafor petrov "
    "quinn rossi silva tanaka ueda vargas weber yilmaz"
).split()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of event: `{name}` and `{outcome}` stand in its form; outcomes are bad ones and good ones."""

    form: str
    outcomes: tuple[tuple[str, ...], tuple[str, ...]]


def _kind(form: str, bad: str, good: str) -> Kind:
    return Kind(form, (tuple(bad.split(";")), tuple(good.split(";"))))


KINDS = (
    _kind("shares of {name} {outcome}", "fell;dropped;slid;tumbled", "rose;climbed;gained;surged"),
    _kind("the team of {name} {outcome} the match", "lost;forfeited;threw away", "won;dominated;carried"),
    _kind("{name} {outcome} the offer", "refused;rejected;declined;spurned", "accepted;welcomed;took;approved"),
    _kind("the court {outcome} {name}", "convicted;jailed;sentenced;punished", "acquitted;freed;cleared;released"),
    _kind("{name} {outcome} a factory", "closed;shut;abandoned", "opened;built;founded"),
    _kind("doctors say that {name} {outcome}", "died;worsened;collapsed", "recovered;improved;survived"),
)
LEADS = ("", "according to the report , ", "it is known that ", "the paper says that ", "")
DETAILS = ("", " on monday", " on friday", " last week", " in june", " this year", " yesterday")
BACKGROUND = (
    "the weather was mild for the season .;officials had no comment on the matter .;"
    "the talks are expected to go on until the end of the month .;prices are about two percent higher than before .;"
    "a spokesman said that no decision had been taken so far .;the new bridge is now used by traffic .;"
    "many visitors had come to see the exhibition .;the committee will meet again after the holidays .;"
    "experts disagree about the causes of the accident .;"
    "the government plans to spend more money on schools and hospitals .;"
    "there were no reports of damage .;the concert ended late before a large crowd .;"
    "trains on the northern line were delayed by snow for most of the morning .;"
    "the library has bought a collection of old maps from a private owner .;"
    "students from several countries took part in the summer school by the lake .;"
    "a local museum shows paintings and drawings of the last century .;"
    "the harbour will be made deeper so that larger ships can use it ."
).split(";")


@dataclass(frozen=True, slots=True)
class Event:
    kind: Kind
    name: str
    good: bool


def pair(rng: random.Random, number: int) -> Labelled:
    """A passage and a claim; even numbers entail."""
    follows = number % 2 == 0
    length = skewed_length(rng, PASSAGE_LENGTH)
    names = iter(rng.sample(NAMES, k=4))
    kinds = rng.sample(KINDS, k=1 if length < 30 else rng.choice((1, 2, 3)))
    good = rng.random() < (0.5 + LEAN if follows else 0.5 - LEAN)
    subject = Event(kinds[0], next(names), good)
    events = [subject, *(Event(kind, next(names), rng.random() < 0.5) for kind in kinds[1:])]
    if length >= 30 and rng.random() < RIVALS:
        events.append(Event(subject.kind, next(names), not good))
    claim = Event(subject.kind, subject.name, good == follows)
    return Labelled((_passage(rng, events, length), f"{rng.choice(LEADS)}{_statement(rng, claim)} ."), int(not follows))


def _statement(rng: random.Random, event: Event) -> str:
    outcome = rng.choice(event.kind.outcomes[event.good])
    return event.kind.form.format(name=event.name, outcome=outcome) + rng.choice(DETAILS)


def _passage(rng: random.Random, events: list[Event], length: int) -> str:
    """Events in random order, then background until it has about `length` words: news put the matter first."""
    sentences = [f"{_statement(rng, event)} ." for event in events]
    rng.shuffle(sentences)
    background = rng.sample(BACKGROUND, k=len(BACKGROUND))
    while sum(map(word_count, sentences)) + 5 < length and background:
        sentences.append(background.pop())
    return " ".join(sentences)
