"""Texts of many lengths, and the ways to make batches of them."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from statistics import NormalDist

from benchbench.suites.schema import MixedLengths

BY_COUNT = "by count, as they come"
BY_COUNT_SORTED = "by count, sorted"
BY_TOKENS = "by tokens, as they come"
BY_TOKENS_SORTED = "by tokens, sorted"

Groups = tuple[tuple[int, ...], ...]
"""For each batch the lengths of its texts, in tokens."""


def drawn(wanted: MixedLengths, seed: int) -> tuple[int, ...]:
    """The lengths of the texts, in tokens, in the order in which they come, which `seed` decides.

    They are quantiles of the distribution, evenly spaced, so that a few texts have the lengths that many would have.
    """
    logs = NormalDist(math.log(wanted.median), wanted.spread)
    quantiles = (math.exp(logs.inv_cdf((text + 0.5) / wanted.examples)) for text in range(wanted.examples))
    lengths = [min(max(round(tokens), wanted.shortest), wanted.longest) for tokens in quantiles]
    random.Random(seed).shuffle(lengths)
    return tuple(lengths)


def batchings(lengths: Sequence[int], wanted: MixedLengths) -> Mapping[str, Groups]:
    """The same texts in batches, by the name of the way."""
    in_order = sorted(lengths)
    return {
        BY_COUNT: tuple(by_count(lengths, wanted.batch_size)),
        BY_COUNT_SORTED: tuple(by_count(in_order, wanted.batch_size)),
        BY_TOKENS: tuple(by_tokens(lengths, wanted.batch_tokens)),
        BY_TOKENS_SORTED: tuple(by_tokens(in_order, wanted.batch_tokens)),
    }


def by_count(lengths: Sequence[int], texts: int) -> Iterator[tuple[int, ...]]:
    """Batches of so many texts; the last one has what is left."""
    for start in range(0, len(lengths), texts):
        yield tuple(lengths[start : start + texts])


def by_tokens(lengths: Sequence[int], most: int) -> Iterator[tuple[int, ...]]:
    """Batches that each take texts in their order for as long as they are at most `most` tokens, padding counted.

    A text that is longer than that is alone.
    """
    group: tuple[int, ...] = ()
    for tokens in lengths:
        if group and max(*group, tokens) * (len(group) + 1) > most:
            yield group
            group = ()
        group = (*group, tokens)
    if group:
        yield group
