"""The memory, then the energy, of one prepared model on one target, in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Any

from benchbench.errors import Missing
from benchbench.machine.query_parts import QueryParts
from benchbench.meters import memory
from benchbench.meters.energy import EnergyReading, MeterSettings, measure_energy
from benchbench.meters.memory import MemoryProfile
from benchbench.targets import inputs
from benchbench.targets.limits import Limits
from benchbench.targets.protocol import Batch, Prepared, Session
from benchbench.targets.session import CheckedSession, open_session
from benchbench.targets.texts import Written

_SEED = 0
_QUERIES_IN_PARTS = 20


@dataclass(frozen=True, slots=True)
class FootprintRequest:
    """`rehearsal`: a far smaller model on the same target. `texts`: of the model's target, where that reads texts.
    `repeats`: runs under the eye of the memory's meter.

    `energy_seconds`: how long the model runs under the power meter, 0 for not at all.
    """

    rehearsal: Prepared
    prepared: Prepared
    repeats: int
    energy_seconds: float
    meter: MeterSettings
    texts: Written | None = None


@dataclass(frozen=True, slots=True)
class Footprint:
    """`energy`: of `examples` examples run one batch after the other; None where none was asked for. `parts`: of single
    queries on an accelerator.
    """

    memory: MemoryProfile
    energy: EnergyReading | Missing | None
    examples: int
    parts: tuple[QueryParts, ...] = ()


def take_footprint(request: FootprintRequest) -> Footprint:
    """Profile the model after a rehearsal, which brings in all that is not the model."""
    rehearsed = open_session(request.rehearsal)
    rehearsed.run(_batch(request.rehearsal, request.texts))
    batch = _batch(request.prepared, request.texts)
    sessions: list[CheckedSession] = []

    def load() -> CheckedSession:
        sessions.append(open_session(request.prepared))
        return sessions[0]

    profile = memory.profile(load, lambda session: session.run(batch), request.repeats, rehearsed.device_memory)
    parts = tuple(each for _ in range(_QUERIES_IN_PARTS) if (each := sessions[0].parts(batch)))
    if not request.energy_seconds:
        return Footprint(profile, None, 0, parts)
    energy, queries = _metered(sessions[0], batch, request.energy_seconds, request.meter)
    return Footprint(profile, energy, queries * request.prepared.job.shape.batch_size, parts)


def _metered(
    session: Session, batch: Batch, seconds: float, settings: MeterSettings
) -> tuple[EnergyReading | Missing, int]:
    """Run without pause for `seconds` under the meter; the reading and the number of queries."""
    queries = 0
    with measure_energy(settings) as meter:
        end = monotonic() + seconds
        while monotonic() < end:
            session.run(batch)
            queries += 1
    return meter.reading(), queries


def _batch(prepared: Prepared, texts: Written | None) -> Any:
    if texts:
        return texts.batch(0)
    return inputs.batch(prepared.job.shape, Limits.read(prepared.folder).vocabulary_size, _SEED)
