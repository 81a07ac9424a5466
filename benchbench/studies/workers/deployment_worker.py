"""One model on several targets, in a process of its own: what it answers to each text, and how long that takes.

All targets answer the same texts in turn, so that their times are paired. What is timed is what was scored: the logits
of the last timed run of each text must be those of the scored pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import cycle
from pathlib import Path

import numpy

from benchbench.errors import Missing, one_line
from benchbench.meters import statistics
from benchbench.meters.energy import EnergyReading, MeterSettings, measure_energy
from benchbench.meters.latency import Interleaved, Queries, interleave, take_turns
from benchbench.quantities import Basis
from benchbench.records import Interval
from benchbench.targets.protocol import Batch, Prepared
from benchbench.targets.session import CheckedSession, open_session
from benchbench.targets.texts import Texts

_SAME = 1e-3  # of the largest logit: what an engine's order of additions may change from run to run
_REPEATS = 16  # texts that are compared with one text repeated as often
_NEW_TEXTS = 2048  # after so many they come again
_REPEAT_SECONDS = 0.5
_LEAST_ROUNDS = 3  # of a check for caches: below it nothing is known


@dataclass(frozen=True, slots=True)
class DeploymentRequest:
    """`prepared`: the model on each target, by the target's name. `texts`: all that are scored, a query a batch.

    `timed`: numbers of the queries that are timed, for `seconds` altogether. `energy_seconds`: of a reading, or 0.
    `answers`: the folder where each target's logits are left, as NAME.npz; where they lie there already (`is_scored`)
    the texts are timed alone. `others`: what is timed beside them and not scored, by a name of its own.
    """

    prepared: Mapping[str, Prepared]
    texts: Texts
    timed: tuple[int, ...]
    seconds: float
    energy_seconds: float
    meter: MeterSettings
    answers: Path
    seed: int = 0
    is_scored: bool = False
    others: Mapping[str, Prepared] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Energy:
    """A reading while `examples` texts were answered in `seconds` of it."""

    reading: EnergyReading | Missing
    seconds: float
    examples: int
    shared: bool


@dataclass(frozen=True, slots=True)
class DeploymentAnswer:
    """`rounds`: of all that was timed, of each process. `scored`: the targets that answered every text.

    `failures`: why a target has no answers, or no times, by its name.
    `repeated`: how many times faster a repeated text is than different ones, None where it was not to be told; only
    the process that scores looks for it.
    """

    rounds: tuple[Interleaved, ...]
    scored: tuple[str, ...]
    failures: Mapping[str, Missing]
    repeated: Mapping[str, Interval | None] = field(default_factory=dict)
    energy: Mapping[str, Energy] = field(default_factory=dict)


class Query:
    """One batch on one session; `logits` are those of its last run."""

    def __init__(self, session: CheckedSession, batch: Batch) -> None:
        self._session, self._batch = session, batch
        self.logits = numpy.empty(0)

    def __call__(self) -> None:
        self.logits = self._session.run(self._batch)


def deploy(request: DeploymentRequest) -> DeploymentAnswer:
    """Open the model on every target, score all texts on each, then time those that answered."""
    failures: dict[str, Missing] = {}
    sessions = _opened(request.prepared, failures)
    scored = {name: s for name, s in sessions.items() if request.is_scored or _scored(name, s, request, failures)}
    if not scored:
        return DeploymentAnswer((), (), failures)
    others = {name: _queries(session, request) for name, session in _opened(request.others, failures).items()}
    queries = {name: _queries(session, request) for name, session in scored.items()}
    rounds = interleave({**queries, **others}, request.seconds, request.seed)
    for name, those in queries.items():
        if reason := _changed(those, name, request):
            failures[name] = Missing(reason)
    repeated = {} if request.is_scored else {name: _repeated(session, request) for name, session in scored.items()}
    return DeploymentAnswer((rounds,), tuple(scored), failures, repeated, _energy(queries, request))


def joined(first: DeploymentAnswer, later: Sequence[DeploymentAnswer]) -> DeploymentAnswer:
    """The answer of the process that scored, with the rounds and failures of those that only timed."""
    everyone = [first, *later]
    failures = {name: missing for answer in reversed(everyone) for name, missing in answer.failures.items()}
    return replace(first, rounds=tuple(r for answer in everyone for r in answer.rounds), failures=failures)


def _opened(prepared: Mapping[str, Prepared], failures: dict[str, Missing]) -> dict[str, CheckedSession]:
    sessions: dict[str, CheckedSession] = {}
    for name, one in prepared.items():
        try:
            sessions[name] = open_session(one)
        except Exception as error:  # an engine may fail in any way; the others go on
            failures[name] = Missing(one_line(error))
    return sessions


def logits_of(folder: Path, target: str) -> list[numpy.ndarray]:
    """What `deploy` left of a target's logits: float32, one array a text, without padding."""
    with numpy.load(folder / f"{target}.npz") as left:
        parts = numpy.split(left["logits"], numpy.cumsum(left["sizes"])[:-1])
        return [part.reshape(shape[shape >= 0]) for part, shape in zip(parts, left["shapes"], strict=True)]


def _scored(name: str, session: CheckedSession, request: DeploymentRequest, failures: dict[str, Missing]) -> bool:
    """Whether the target answered every text; its logits are then in the request's folder."""
    found: list[numpy.ndarray] = []
    try:
        for number in range(request.texts.batches):
            found += request.texts.apart(number, session.run(request.texts.batch(number, session.fixed)))
    except Exception as error:  # as above
        failures[name] = Missing(f"it stopped at text {len(found) + 1} of {len(request.texts)}: {one_line(error)}")
        return False
    shapes = numpy.array([(*part.shape, -1)[:2] for part in found])
    logits = numpy.concatenate([part.ravel() for part in found])
    if not numpy.isfinite(logits).all():
        failures[name] = Missing("some of its logits are not finite")
        return False
    sizes = [part.size for part in found]
    numpy.savez(request.answers / f"{name}.npz", logits=logits, sizes=sizes, shapes=shapes)
    return True


def _queries(session: CheckedSession, request: DeploymentRequest) -> Sequence[Query]:
    return [Query(session, request.texts.batch(number, session.fixed)) for number in request.timed]


def _changed(queries: Sequence[Query], name: str, request: DeploymentRequest) -> str | None:
    """Why what was timed is not what was scored; None where it is."""
    scored = logits_of(request.answers, name)
    for query, number in zip(queries, request.timed, strict=True):
        rows = request.texts.rows(number)
        for row, timed in zip(rows, request.texts.apart(number, query.logits), strict=True):
            if numpy.abs(timed - scored[row]).max() > _SAME * max(1.0, float(numpy.abs(scored[row]).max())):
                return f"its answer to text {row + 1} while it was timed is not the one that was scored"
    return None


def _repeated(session: CheckedSession, request: DeploymentRequest) -> Interval | None:
    """How many times faster one text again and again is than different texts of its length."""
    batches = request.texts.variants(request.timed[0], _NEW_TEXTS, session.fixed, request.seed)
    following = cycle(batches)
    contestants: Mapping[str, Queries] = {
        "different": [lambda: session.run(next(following))] * _REPEATS,
        "same": [partial(session.run, batches[0])] * _REPEATS,
    }
    times = interleave(contestants, _REPEAT_SECONDS, request.seed).times
    if len(times["same"]) < _LEAST_ROUNDS:
        return None
    ratio = statistics.ratio([times["different"]], [times["same"]])
    return ratio if statistics.known(ratio) else None


def _energy(queries: Mapping[str, Sequence[Query]], request: DeploymentRequest) -> Mapping[str, Energy]:
    """A modelled power is the same for all, so that one reading is shared by time; a metered one is each target's."""
    if not request.energy_seconds:
        return {}
    whole = _metered(queries, request, shared=len(queries) > 1)
    modelled = all(isinstance(e.reading, Missing) or e.reading.basis == Basis.MODELLED for e in whole.values())
    if modelled or len(queries) == 1:
        return whole
    return {name: _metered({name: those}, request, shared=False)[name] for name, those in queries.items()}


def _metered(
    queries: Mapping[str, Sequence[Query]], request: DeploymentRequest, *, shared: bool
) -> Mapping[str, Energy]:
    with measure_energy(request.meter) as meter:
        turns = take_turns(queries, request.energy_seconds)
    reading, size = meter.reading(), request.texts.batch_size
    return {name: Energy(reading, seconds, count * size, shared) for name, (seconds, count) in turns.items()}
