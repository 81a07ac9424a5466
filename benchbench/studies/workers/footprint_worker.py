"""The memory, then the energy, of one prepared model on one target, in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Any

from benchbench.errors import Missing
from benchbench.meters import memory
from benchbench.meters.energy import EnergyReading, MeterSettings, measure_energy
from benchbench.meters.memory import MemoryProfile
from benchbench.targets import inputs
from benchbench.targets.limits import Limits
from benchbench.targets.protocol import Batch, Prepared, Session
from benchbench.targets.session import open_session
from benchbench.targets.texts import Written

_SEED = 0


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
    """`energy`: of `examples` examples run one batch after the other; None where none was asked for."""

    memory: MemoryProfile
    energy: EnergyReading | Missing | None
    examples: int


def take_footprint(request: FootprintRequest) -> Footprint:
    """Profile the model after a rehearsal, which brings in all that is not the model."""
    rehearsed = open_session(request.rehearsal)
    rehearsed.run(_batch(request.rehearsal, request.texts))
    batch = _batch(request.prepared, request.texts)
    sessions: list[Session] = []

    def load() -> Session:
        sessions.append(open_session(request.prepared))
        return sessions[0]

    profile = memory.profile(load, lambda session: session.run(batch), request.repeats, rehearsed.device_memory)
    if not request.energy_seconds:
        return Footprint(profile, None, 0)
    energy, queries = _metered(sessions[0], batch, request.energy_seconds, request.meter)
    return Footprint(profile, energy, queries * request.prepared.job.shape.batch_size)


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
