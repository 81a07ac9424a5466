"""Memory and energy of one model on a target, in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchbench import processes
from benchbench.errors import Missing
from benchbench.meters.energy import EnergyReading, from_fields
from benchbench.meters.memory import MemoryProfile
from benchbench.models.source import ModelSource
from benchbench.targets import artefacts
from benchbench.targets.protocol import Job, Shape, Target

_REHEARSAL = ModelSource("bert-tiny")
_REHEARSAL_SHAPE = Shape(1, 16)


@dataclass(frozen=True, slots=True)
class Footprint:
    """`energy`: of `examples` examples run one batch after the other; None where none was asked for."""

    memory: MemoryProfile
    energy: EnergyReading | Missing | None
    examples: int


def footprint(
    source: ModelSource,
    target: Target,
    shape: Shape,
    cache: Path,
    repeats: int = 3,
    energy_seconds: float = 0.0,
    country: str = "USA",
) -> Footprint:
    """Resident growth of loading `source` on `target` and running it `repeats` times at `shape`; then its energy.

    The child first loads and runs a tiny model, so that the engine's code and threads are in the baseline. Energy is
    metered while the model runs without pause for `energy_seconds`. `cache`: where prepared artefacts are kept.
    Raises what `artefacts.prepare` raises, and `processes.ChildFailed` when the model does not fit in memory.
    """
    rehearsal = artefacts.prepare(_REHEARSAL, target, _REHEARSAL_SHAPE, cache)
    folder = artefacts.prepare(source, target, shape, cache)
    request = {
        "rehearsal": Job(_REHEARSAL, target, _REHEARSAL_SHAPE, rehearsal).to_json(),
        "job": Job(source, target, shape, folder).to_json(),
        "repeats": repeats,
        "energy_seconds": energy_seconds,
        "country": target.country or country,
    }
    answer = processes.call("benchbench.studies.workers.footprint_worker", request)
    energy = from_fields(answer["energy"]) if answer["energy"] else None
    return Footprint(MemoryProfile(**answer["memory"]), energy, answer["examples"])
