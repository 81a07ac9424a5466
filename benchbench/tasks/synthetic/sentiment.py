"""Film reviews whose verdict needs negation and contrast, not just kind or unkind words.

A clause judges an aspect, plainly ("the acting is very funny") or negated ("the acting is hardly funny"). In a contrast
("although X , Y", "X , but Y", "Y , even if X") the two clauses disagree and the main clause Y decides. Negation and
the order of clauses are invisible to a bag of words.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from benchbench.tasks.synthetic.example import Labelled, Lengths, skewed_length, word_count

# Lengths in words with punctuation. SST-2's sentences average 19 words (Kim 2014, table 1) and so does its dev split;
# its train split is mostly phrases of such sentences, about half as long.
REVIEW_LENGTH = Lengths(mean=20.5, deviation=9.0, shortest=3, longest=52)
PHRASE_LENGTH = Lengths(mean=10.0, deviation=8.0, shortest=2, longest=52)

PRAISE = (
    "superb charming moving funny clever honest gripping graceful tender vivid warm brilliant subtle elegant fresh "
    "delightful witty absorbing inventive rewarding lively touching powerful thoughtful"
).split()
BLAME = (
    "dull clumsy tedious bland shallow lifeless predictable messy hollow tiresome stale awkward pointless sloppy "
    "annoying forgettable contrived flat lazy murky dreary grating heavy stilted"
).split()
ASPECTS = (
    "the acting;the plot;the dialogue;the script;the direction;the music;the camera work;the lead performance;"
    "the humour;the ending;the story;the editing;the pacing;the supporting cast;the opening;the romance"
).split(";")
LINKS = "is;feels;seems;remains;looks".split(";")
NEGATIONS = "not;never;hardly;far from".split(";")
CONTRASTS = ("although {other} , {main}", "{other} , but {main}", "{main} , even if {other}")
NEGATED = 0.3  # share of the judgements that are negated
CONTRAST = 0.4  # share of the reviews with two clauses that disagree
DEGREES = "very;quite;truly;really;rather".split(";")
ASIDES = (
    "in the second half;for two hours;from the first scene to the last;on a small budget;in this new film;"
    "by the end of the evening;in the hands of this director;as in the novel;like the earlier films;"
    "with a large cast;set in a small town by the sea;for viewers of every age;after a slow start;"
    "between the two long journeys;on the big screen;at a festival last year"
).split(";")


def phrase(rng: random.Random, number: int) -> Labelled:
    """An example for training: mostly a phrase, now and then a whole review."""
    return _review(rng, positive=number % 2 == 1, length=skewed_length(rng, PHRASE_LENGTH))


def review(rng: random.Random, number: int) -> Labelled:
    """An example for evaluation: a whole review."""
    return _review(rng, positive=number % 2 == 1, length=skewed_length(rng, REVIEW_LENGTH))


def _review(rng: random.Random, positive: bool, length: int) -> Labelled:
    unit = _judgement if length < 10 else _clause
    contrast = length >= 5 and rng.random() < CONTRAST
    text = _contrast(rng, unit, positive) if contrast else unit(rng, positive)
    return Labelled((_filled(rng, text, length),), int(positive))


def _judgement(rng: random.Random, positive: bool) -> str:
    if rng.random() < NEGATED:
        return f"{rng.choice(NEGATIONS)} {_word(rng, not positive)}"
    return f"{rng.choice(DEGREES)} {_word(rng, positive)}"


def _clause(rng: random.Random, positive: bool) -> str:
    return f"{rng.choice(ASPECTS)} {rng.choice(LINKS)} {_judgement(rng, positive)}"


def _contrast(rng: random.Random, unit: Callable[[random.Random, bool], str], positive: bool) -> str:
    """Two units that disagree; the main one has the verdict."""
    return rng.choice(CONTRASTS).format(main=unit(rng, positive), other=unit(rng, not positive))


def _word(rng: random.Random, positive: bool) -> str:
    return rng.choice(PRAISE if positive else BLAME)


def _filled(rng: random.Random, text: str, length: int) -> str:
    """`text` with neutral asides before or behind it, until it has about `length` words, and a full stop."""
    while word_count(text) + 4 < length:
        aside = rng.choice(ASIDES)
        text = f"{aside} , {text}" if rng.random() < 0.5 else f"{text} {aside}"
    return f"{text} ." if length >= 8 else text
