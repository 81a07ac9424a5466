"""Latency of several models against one another: interleaved rounds in several processes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchbench import forking
from benchbench.errors import Missing, one_line
from benchbench.models.extent import longest_sequence
from benchbench.models.source import ModelSource
from benchbench.processes import ChildFailed
from benchbench.studies.workers.allocation import Allocation, Comparison, ProcessPlan, comparisons
from benchbench.studies.workers.race_result import RaceResult
from benchbench.studies.workers.race_worker import (
    Entry,
    Failure,
    Key,
    RaceAnswer,
    RaceRequest,
    SharedMeter,
    run_race,
)
from benchbench.targets import artefacts, catalogue
from benchbench.targets.protocol import Job, Shape, Target


@dataclass(frozen=True, slots=True)
class Entrant:
    """A model on a target, under a name of its own: the same pair may enter twice.

    `token_lengths`: of the examples that it is given, in their order; a round then runs all of them, a batch at a
    time. Empty: examples that fill the shape. `groups`: instead, the lengths of the examples of each batch; all batches
    one after the other are then one query. `session`: entrants that name the same one share it; empty for its own.
    """

    name: str
    source: ModelSource
    target: Target
    token_lengths: tuple[int, ...] = ()
    groups: tuple[tuple[int, ...], ...] = ()
    session: str = ""


def race(
    entrants: Sequence[Entrant],
    shapes: Sequence[Shape],
    *,
    allocation: Allocation,
    cache: Path,
    seed: int = 0,
    compared: Sequence[Comparison] | None = None,
    meter: SharedMeter | None = None,
) -> RaceResult:
    """Time all `entrants` at all `shapes` in processes of their own, as the `allocation` has it.

    `compared`: what is to be told, and so decides who runs on; by default each one's median, and each against each.
    Preparing (export, compilation), loading and warming up come on top of the allocation's seconds. An entrant that
    cannot be prepared, loaded or run at a shape, or whose engine ends the process there, is a failure with its reason;
    its other shapes and the other entrants go on. The first process ends with a reading of the `meter`.
    """
    entries, failures = _prepare(entrants, shapes, cache)
    names = [entrant.name for entrant in entrants]
    wanted = comparisons(shapes, names, names) if compared is None else compared
    result = RaceResult((), failures, decided_within=allocation.half_width if allocation.decides else 0.0)
    with forking.with_imports(catalogue.imports(entry.prepared.job.target for entry in entries)) as call:
        while plan := allocation.next_process(
            result.half_widths(wanted), result.processes, result.seconds, result.round_seconds
        ):
            first = not result.processes
            answer = _answer(_request(entries, plan, seed + result.processes, meter if first else None), call)
            result = replace(
                result,
                timings=(*result.timings, *answer.timings),
                failures={**result.failures, **_by_key(answer.failures)},
                energy=answer.energy if first else result.energy,
                processes=result.processes + 1,
            )
    return result


def _request(entries: Sequence[Entry], plan: ProcessPlan, seed: int, meter: SharedMeter | None) -> RaceRequest:
    running = {(entrant, share.shape) for share in plan.shares for entrant in share.entrants}
    those = tuple(entry for entry in entries if entry.key in running)
    return RaceRequest(those, plan.shares, plan.seconds, seed, plan.least_rounds, meter)


def _answer(request: RaceRequest, call: forking.Calls) -> RaceAnswer:
    """What the process of all entries says; where it dies, each entrant runs alone, and one that dies then shape by
    shape, to find which it is.

    The others run together once more: times of entrants that ran alone are not paired.
    """
    try:
        return call(run_race, request)
    except ChildFailed as error:
        died = tuple(Failure(*entry.key, Missing(one_line(error))) for entry in request.entries)
    if len(died) == 1:
        return RaceAnswer((), died)
    parts = (replace(request, entries=part, seconds=0.0, meter=None) for part in _parts(request.entries))
    failures = tuple(failure for part in parts for failure in _answer(part, call).failures)
    left = tuple(entry for entry in request.entries if entry.key not in _by_key(failures))
    if not failures or not left:
        return RaceAnswer((), failures or died)
    answer = _answer(replace(request, entries=left), call)
    return replace(answer, failures=(*failures, *answer.failures))


def _by_key(failures: Sequence[Failure]) -> Mapping[Key, Missing]:
    return {(failure.entrant, failure.shape): failure.missing for failure in failures}


def _parts(entries: Sequence[Entry]) -> Iterator[tuple[Entry, ...]]:
    """The entries of each entrant; of a single entrant each entry for itself."""
    names = dict.fromkeys(entry.entrant for entry in entries)
    if len(names) == 1:
        yield from ((entry,) for entry in entries)
        return
    for name in names:
        yield tuple(entry for entry in entries if entry.entrant == name)


def _prepare(
    entrants: Sequence[Entrant], shapes: Sequence[Shape], cache: Path
) -> tuple[list[Entry], dict[Key, Missing]]:
    """An entry for each entrant at each shape, shape by shape, and why there is none."""
    failures = _too_long(entrants, shapes)
    wanted = [
        (entrant, Job(entrant.source, entrant.target, shape))
        for shape in shapes
        for entrant in entrants
        if (entrant.name, shape) not in failures
    ]
    entries: list[Entry] = []
    made = artefacts.prepare_all([job for _, job in wanted], cache)
    for (entrant, job), prepared in zip(wanted, made, strict=True):
        if isinstance(prepared, Missing):
            failures[entrant.name, job.shape] = prepared
        else:
            given = entrant.token_lengths, entrant.groups, entrant.session
            entries.append(Entry(entrant.name, prepared, *given))
    return entries, failures


def _too_long(entrants: Sequence[Entrant], shapes: Sequence[Shape]) -> dict[Key, Missing]:
    """The shapes that a model has too few positions for, with one reason for all of them."""
    bounds = {source: _bound(source) for source in dict.fromkeys(entrant.source for entrant in entrants)}
    return {
        (entrant.name, shape): Missing(f"the model takes at most {bounds[entrant.source]:g} tokens")
        for entrant in entrants
        for shape in shapes
        if shape.sequence_length > bounds[entrant.source]
    }


def _bound(source: ModelSource) -> float:
    """Tokens; infinite where there is none, and for a model that cannot be built, which preparing it then tells."""
    try:
        return longest_sequence(source) or math.inf
    except Exception:  # of a model that may be anyone's
        return math.inf
