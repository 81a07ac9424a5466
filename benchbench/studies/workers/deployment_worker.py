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
from benchbench.meters.latency import Interleaved, Queries, TwoStages, interleave, take_turns
from benchbench.quantities import Basis
from benchbench.records import Interval
from benchbench.studies.workers.answering import Answering, Reading
from benchbench.targets.protocol import Prepared
from benchbench.targets.session import open_session
from benchbench.targets.texts import Texts, Written

_SAME = 1e-3  # of the largest logit: what an engine's order of additions may change from run to run
_REPEATS = 16  # texts that are compared with one text repeated as often
_NEW_TEXTS = 2048  # after so many they come again
_REPEAT_SECONDS = 0.5
_READING = ""  # stands for a target: making tokens
_LEAST_ROUNDS = 3  # of a check for caches: below it nothing is known


@dataclass(frozen=True, slots=True)
class DeploymentRequest:
    """`prepared`: the model on each target, by the target's name. `texts`: all that are scored, a query a batch.

    `reading`: how a timed query begins with its text; None where it begins with tokens.
    `timed`: numbers of the queries that are timed, for `seconds` altogether. `energy_seconds`: of a reading, or 0.
    `answers`: the folder where each target's logits are left, as NAME.npz; where they lie there already (`is_scored`)
    the texts are timed alone. `others`: what is timed beside them and not scored, by a name of its own.
    """

    prepared: Mapping[str, Prepared]
    texts: Texts | Written
    timed: tuple[int, ...]
    seconds: float
    energy_seconds: float
    meter: MeterSettings
    answers: Path
    reading: Reading | None = None
    seed: int = 0
    is_scored: bool = False
    others: Mapping[str, Prepared] = field(default_factory=dict)

    def first(self) -> tuple[Texts | Written, Reading | None]:
        """The first timed batch alone, and how it is read."""
        rows = self.texts.rows(self.timed[0])
        reading = self.reading and replace(self.reading, written=self.reading.written.only(rows))
        return self.texts.only(rows), reading


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
    the process that scores looks for it. `energy`: of the model alone. `reading_energy`: of making tokens and batches.
    `tokenises`: whether queries begin with their texts and make tokens of them. `unread`: why not, though that was
    asked for.
    """

    rounds: tuple[Interleaved, ...]
    scored: tuple[str, ...]
    failures: Mapping[str, Missing]
    repeated: Mapping[str, Interval | None] = field(default_factory=dict)
    energy: Mapping[str, Energy] = field(default_factory=dict)
    reading_energy: Energy | None = None
    tokenises: bool = False
    unread: Missing | None = None


def deploy(request: DeploymentRequest) -> DeploymentAnswer:
    """Open the model on every target, score all texts on each, then time those that answered."""
    failures: dict[str, Missing] = {}
    sessions = _opened(request.prepared, request, failures)
    scored = {name: s for name, s in sessions.items() if request.is_scored or _scored(name, s, request, failures)}
    if not scored:
        return DeploymentAnswer((), (), failures)
    unread = request.reading.differs(request.texts, request.timed) if request.reading else None
    if unread:
        request = replace(request, reading=None)
    others = _opened(request.others, request, failures)
    queries = {name: [each.query(n) for n in request.timed] for name, each in (scored | others).items()}
    rounds = interleave(queries, request.seconds, request.seed)
    for name in scored:
        if reason := _changed(queries[name], scored[name], name, request):
            failures[name] = Missing(reason)
    repeated = {} if request.is_scored else {name: _repeated(each, request) for name, each in scored.items()}
    energy, reading_energy = _energy(scored, request) if request.energy_seconds else ({}, None)
    tokenises = request.reading is not None
    return DeploymentAnswer((rounds,), tuple(scored), failures, repeated, energy, reading_energy, tokenises, unread)


def joined(first: DeploymentAnswer, later: Sequence[DeploymentAnswer]) -> DeploymentAnswer:
    """The answer of the process that scored, with the rounds and failures of those that only timed."""
    everyone = [first, *later]
    failures = {name: missing for answer in reversed(everyone) for name, missing in answer.failures.items()}
    return replace(first, rounds=tuple(r for answer in everyone for r in answer.rounds), failures=failures)


def _opened(
    prepared: Mapping[str, Prepared], request: DeploymentRequest, failures: dict[str, Missing]
) -> dict[str, Answering]:
    opened: dict[str, Answering] = {}
    for name, one in prepared.items():
        try:
            opened[name] = Answering(open_session(one), request.texts, request.reading)
        except Exception as error:  # an engine may fail in any way; the others go on
            failures[name] = Missing(one_line(error))
    return opened


def logits_of(folder: Path, target: str) -> list[numpy.ndarray]:
    """What `deploy` left of a target's logits: float32, one array a text, without padding."""
    with numpy.load(folder / f"{target}.npz") as left:
        parts = numpy.split(left["logits"], numpy.cumsum(left["sizes"])[:-1])
        return [part.reshape(shape[shape >= 0]) for part, shape in zip(parts, left["shapes"], strict=True)]


def _scored(name: str, answering: Answering, request: DeploymentRequest, failures: dict[str, Missing]) -> bool:
    """Whether the target answered every text; its logits are then in the request's folder."""
    found: list[numpy.ndarray] = []
    try:
        for number in range(request.texts.batches):
            found += answering.logits(number)
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


def _changed(queries: Sequence[TwoStages], answering: Answering, name: str, request: DeploymentRequest) -> str | None:
    """Why what was timed is not what was scored; None where it is."""
    scored = logits_of(request.answers, name)
    for query, number in zip(queries, request.timed, strict=True):
        rows = request.texts.rows(number)
        for row, timed in zip(rows, answering.apart(number, query.result), strict=True):
            if numpy.abs(timed - scored[row]).max() > _SAME * max(1.0, float(numpy.abs(scored[row]).max())):
                return f"its answer to text {row + 1} while it was timed is not the one that was scored"
    return None


def _repeated(answering: Answering, request: DeploymentRequest) -> Interval | None:
    """How many times faster one text again and again is than different texts of its length."""
    if isinstance(request.texts, Written):
        return None
    session = answering.session
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


def _energy(scored: Mapping[str, Answering], request: DeploymentRequest) -> tuple[Mapping[str, Energy], Energy | None]:
    """Of each model, and of making its tokens. A modelled power is the same for all, so that one reading is shared by
    time; a metered one is each one's own.
    """
    runs: dict[str, Queries] = {name: [each.run(n) for n in request.timed] for name, each in scored.items()}
    if request.reading:
        first = next(iter(scored.values()))
        runs[_READING] = [first.read(n) for n in request.timed]
    found = _metered(runs, request, shared=len(runs) > 1)
    modelled = all(isinstance(e.reading, Missing) or e.reading.basis == Basis.MODELLED for e in found.values())
    if not modelled and len(runs) > 1:
        found = {name: _metered({name: those}, request, shared=False)[name] for name, those in runs.items()}
    reading = found.pop(_READING, None)
    return found, reading


def _metered(queries: Mapping[str, Queries], request: DeploymentRequest, *, shared: bool) -> dict[str, Energy]:
    with measure_energy(request.meter) as meter:
        turns = take_turns(queries, request.energy_seconds)
    reading, size = meter.reading(), request.texts.batch_size
    return {name: Energy(reading, seconds, count * size, shared) for name, (seconds, count) in turns.items()}
