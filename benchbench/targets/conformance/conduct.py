"""Checks of how a target behaves: bad batches are refused, time is spent on the work, memory is given back."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Sequence
from contextlib import ExitStack

import numpy
import psutil

from benchbench.targets.conformance.kit import Kit
from benchbench.targets.conformance.report import Outcome
from benchbench.targets.protocol import Batch, Session

_ONE, _MANY = 1, 512  # tokens; of a model that takes fewer, several of its longest texts stand in for many
_FEW = 8
_TIMED_RUNS = 20
_REOPENINGS = 8
_MEBIBYTE = 2**20


def bad_batches(kit: Kit) -> Outcome:
    limits, good = kit.limits, kit.batch([_FEW])
    too_long = {}
    if limits.max_positions is not None:
        too_long["more tokens than positions"] = kit.oversized([limits.max_positions + 1])
    bad = {
        **too_long,
        "a token id beyond the vocabulary": _with_ids(good, limits.vocabulary_size),
        "a negative token id": _with_ids(good, -1),
        "one dimension": {name: array[0] for name, array in good.items()},
        "a shorter mask": {**good, "attention_mask": good["attention_mask"][:, :-1]},
        "no rows": {name: array[:0] for name, array in good.items()},
        "no input_ids": {name: array for name, array in good.items() if name != "input_ids"},
    }
    with kit.open(*good["input_ids"].shape) as session:
        taken = [what for what, batch in bad.items() if not _raises(session, batch)]
    return Outcome(not taken, f"taken without an error: {', '.join(taken)}" if taken else f"{len(bad)} kinds refused")


def timing(kit: Kit) -> Outcome:
    """A run that returned before its work was done would take as long for many tokens as for one."""
    longest = kit.fitting(_MANY)
    rows = math.ceil(_MANY / longest)
    short, long = _fastest(kit, ([_ONE], [longest] * rows))
    detail = f"{rows * longest} tokens {long * 1e3:.2f} ms, {_ONE} token {short * 1e3:.2f} ms"
    return Outcome(long > short > 0, detail, long / short, 1.0)


def memory(kit: Kit) -> Outcome:
    """Opening and closing sessions must not pile up copies of the weights."""
    batch, process = kit.batch([_FEW]), psutil.Process()
    sizes = []
    for _ in range(_REOPENINGS):
        with kit.open(*batch["input_ids"].shape) as session:
            session.run(batch)
        del session
        gc.collect()
        sizes.append(process.memory_info().rss)
    settled = sizes[_REOPENINGS // 4]  # the first sessions fill caches that stay
    reopened = _REOPENINGS - 1 - _REOPENINGS // 4
    growth, limit = (sizes[-1] - settled) / _MEBIBYTE, (reopened * kit.weight_bytes / 2) / _MEBIBYTE + 4
    return Outcome(growth <= limit, f"growth in MiB over {reopened} sessions opened and closed", growth, limit)


def _with_ids(batch: Batch, token: int) -> Batch:
    return {**batch, "input_ids": numpy.full_like(batch["input_ids"], token)}


def _raises(session: Session, batch: Batch) -> bool:
    try:
        session.run(batch)
    except Exception:  # any error will do
        return True
    return False


def _fastest(kit: Kit, works: Sequence[Sequence[int]]) -> list[float]:
    """Seconds of the fastest run of a batch of texts of these lengths, for each of the `works`, run in turn: a busy
    machine slows some runs, not all."""
    batches = [kit.batch(lengths) for lengths in works]
    times: list[list[float]] = [[] for _ in works]
    with ExitStack() as stack:
        sessions = [stack.enter_context(kit.open(*batch["input_ids"].shape)) for batch in batches]
        for _ in range(_TIMED_RUNS):
            for session, batch, taken in zip(sessions, batches, times, strict=True):
                start = time.perf_counter()
                session.run(batch)
                taken.append(time.perf_counter() - start)
    return [min(taken) for taken in times]
