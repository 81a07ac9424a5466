"""From how many requests on one of two systems is cheaper in all: arithmetic, in whatever unit both costs have."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from benchbench.report.view import Estimate


@dataclass(frozen=True, slots=True)
class Cost:
    """`fixed`: what is paid before the first request. `each`: a request, with its interval. One unit."""

    fixed: float
    each: Estimate

    def total(self, requests: float) -> float:
        """Of the training and so many requests."""
        return self.fixed + requests * self.each.value


@dataclass(frozen=True, slots=True)
class PaysFrom:
    """Dearer at first, cheaper in all from so many requests on. `low`, `high`: None where no interval is known."""

    requests: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class PaysUntil:
    """Cheaper at first, dearer in all from so many requests on."""

    requests: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Always:
    """Cheaper, however many requests there are."""


@dataclass(frozen=True, slots=True)
class Never:
    """Dearer, however many requests there are."""


@dataclass(frozen=True, slots=True)
class NotToldApart:
    """Which of the two a request costs less is within their intervals."""


Outcome = PaysFrom | PaysUntil | Always | Never | NotToldApart
CROSSING = (PaysFrom, PaysUntil)


def break_even(candidate: Cost, other: Cost) -> Outcome:
    """When `candidate` costs less in all than `other`.

    The interval is that of the difference of the costs of a request; those of training are taken as they are.
    """
    extra, saving = candidate.fixed - other.fixed, difference(other.each, candidate.each)
    if saving.low is not None and saving.high is not None and saving.low <= 0 <= saving.high:
        return NotToldApart()
    if extra * saving.value > 0:
        crossing = PaysFrom if extra > 0 else PaysUntil
        return crossing(extra / saving.value, *_ends(extra, saving))
    if extra == saving.value == 0:
        return NotToldApart()
    return Always() if extra < 0 or saving.value > 0 else Never()


def _ends(extra: float, saving: Estimate) -> tuple[float | None, float | None]:
    if saving.low is None or saving.high is None:
        return None, None
    low, high = sorted((extra / saving.low, extra / saving.high))
    return low, high


def difference(one: Estimate, other: Estimate) -> Estimate:
    """`one` - `other`, measured apart, with the interval that theirs make (Zou and Donner, Stat. Med. 27, 2008).

    None where one of them has none. A basis that they do not share is 'mixed'.
    """
    found = replace(
        one,
        value=one.value - other.value,
        low=None,
        high=None,
        basis=one.basis if one.basis == other.basis else "mixed",
        stable=one.stable and other.stable,
        samples=one.samples + other.samples,
    )
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return found
    below = math.hypot(one.value - one.low, other.high - other.value)
    above = math.hypot(one.high - one.value, other.value - other.low)
    return replace(found, low=found.value - below, high=found.value + above)
