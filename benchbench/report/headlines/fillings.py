"""Where several processes fill a machine better than one with all cores, and by how much."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from benchbench.report.headlines.wording import value_words
from benchbench.report.view import Estimate, Key, estimates
from benchbench.report.warnings import listed

EVIDENCE = "table-instances"
_BY = ("who", "where", "batch_size", "sequence_length", "instances")


def sentences(view: pd.DataFrame) -> Iterator[str]:
    """One for each model whose throughput another way to share the cores raises for certain: where it does most.

    The largest gain first. A model that gains nowhere is told as such.
    """
    gains = estimates(view, "instances_gain", _BY)
    by_model: dict[object, dict[Key, Estimate]] = {}
    for key, gain in gains.items():
        by_model.setdefault(key[0], {})[key] = gain
    won = {who: {key: gain for key, gain in of.items() if _certain(gain)} for who, of in by_model.items()}
    best = [max(of.items(), key=lambda item: item[1].value) for of in won.values() if of]
    for key, gain in sorted(best, key=lambda item: -item[1].value):
        places = {other[:4] for other in by_model[key[0]]}
        yield _sentence(key, gain, len({other[:4] for other in won[key[0]]}), len(places))
    without = [str(who) for who, of in won.items() if not of]
    if without:
        yield f"No other way to share the cores is shown to raise the throughput of {listed(without)}"


def _sentence(key: Key, gain: Estimate, won: int, places: int) -> str:
    who, where, batch_size, _, instances = key
    times = value_words("instances_gain", gain)
    several = f"; another way than one process wins in {won} of {places} places measured" if places > 1 else ""
    alone = "that it has as one process with all cores"
    return f"{who} on {where} in batches of {batch_size} has {times} the throughput as {instances} {alone}{several}"


def _certain(gain: Estimate) -> bool:
    """A neighbour slows threads that wait for one another more than processes that do not, so that a gain beside one
    says nothing.
    """
    return gain.stable and gain.low is not None and gain.low > 1
