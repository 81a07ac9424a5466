"""Memory and energy of one model on a target, in a process of its own."""

from __future__ import annotations

from pathlib import Path

from benchbench import processes
from benchbench.meters.energy import MeterSettings
from benchbench.models import linear_text
from benchbench.models.source import ModelSource
from benchbench.places import Place, bare, local
from benchbench.studies.workers.footprint_worker import Footprint, FootprintRequest, take_footprint
from benchbench.targets import artefacts
from benchbench.targets.protocol import Job, Prepared, Shape, Target
from benchbench.targets.texts import Written
from benchbench.targets.tuned import calibration

_REHEARSAL = ModelSource(Place("bert-tiny"))
_REHEARSAL_SHAPE = Shape(1, 16)


def footprint(
    job: Job, cache: Path, repeats: int = 3, energy_seconds: float = 0.0, meter: MeterSettings | None = None
) -> Footprint:
    """Resident growth of loading the model and running it `repeats` times; then its energy, by `meter`'s settings.

    The child first loads and runs a tiny model, so that the engine's code and threads are in the baseline. Energy is
    metered while the model runs without pause for `energy_seconds`. `cache`: where prepared artefacts are kept.
    Raises what `artefacts.prepare` raises, and `processes.ChildFailed` when the model does not fit in memory.
    """
    return of_prepared(artefacts.prepare(job, cache), cache, repeats, energy_seconds, meter)


def of_prepared(
    prepared: Prepared,
    cache: Path,
    repeats: int = 3,
    energy_seconds: float = 0.0,
    meter: MeterSettings | None = None,
    texts: Written | None = None,
) -> Footprint:
    """The same for what is prepared already, wherever it lies; `cache`: for the tiny model alone.

    `texts`: for a target that reads texts, which runs the first batch of them.
    """
    rehearsal = artefacts.prepare(_rehearsal(prepared.job.target, cache, texts), cache)
    request = FootprintRequest(rehearsal, prepared, repeats, energy_seconds, meter or MeterSettings(), texts)
    return processes.call(take_footprint, request)


def _rehearsal(target: Target, cache: Path, texts: Written | None) -> Job:
    """A tiny model for `target`; for one that reads `texts` it is fitted on two like them, and lies in `cache` too."""
    if texts is None:
        return Job(_REHEARSAL, target, _REHEARSAL_SHAPE, calibration(_REHEARSAL) if target.calibrated else None)
    parts = len(texts.texts[0])
    folder = cache / f"linear-rehearsal-{parts}"
    linear_text.fit([["a text"] * parts, ["another"] * parts], [0, 1], "classification").save(folder)
    return Job(ModelSource(bare(folder), local(folder)), target, _REHEARSAL_SHAPE)
