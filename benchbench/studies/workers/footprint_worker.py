"""Run as a module in a fresh process: the memory, then the energy, of one prepared model on one target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from time import monotonic
from typing import Any

from benchbench.meters import memory
from benchbench.processes import answer
from benchbench.targets import inputs
from benchbench.targets.limits import Limits
from benchbench.targets.protocol import Batch, Job, Session
from benchbench.targets.session import CheckedSession, open_session

_SEED = 0


def work(request: Mapping[str, Any]) -> dict[str, Any]:
    """Profile `job` after a rehearsal with the far smaller `rehearsal`, which brings in all that is not the model."""
    rehearsal, job = Job.from_json(request["rehearsal"]), Job.from_json(request["job"])
    rehearsed = _open(rehearsal)
    rehearsed.run(_batch(rehearsal, rehearsed.limits))
    batch = _batch(job, Limits.read(job.folder))
    sessions: list[Session] = []

    def load() -> Session:
        sessions.append(_open(job))
        return sessions[0]

    profile = memory.profile(
        load, lambda session: session.run(batch), request["repeats"], lambda session: session.peak_device_memory_bytes()
    )
    energy, examples = _meter(sessions[0], batch, request, job)
    return {"memory": asdict(profile), "energy": energy, "examples": examples}


def _meter(session: Session, batch: Batch, request: Mapping[str, Any], job: Job) -> tuple[dict[str, Any] | None, int]:
    """Run without pause for `energy_seconds` under the meter; the reading and the number of examples."""
    if not request["energy_seconds"]:
        return None, 0
    from benchbench.meters.energy import MeterSettings, measure_energy

    queries = 0
    settings = MeterSettings(request["country"], job.target.tdp_watts, job.target.tdp_source)
    with measure_energy(settings) as meter:
        end = monotonic() + request["energy_seconds"]
        while monotonic() < end:
            session.run(batch)
            queries += 1
    return asdict(meter.reading()), queries * job.shape.batch_size


def _open(job: Job) -> CheckedSession:
    return open_session(job.source, job.target, job.shape, job.folder)


def _batch(job: Job, limits: Limits) -> Batch:
    return inputs.batch(job.shape, limits.vocabulary_size, _SEED)


if __name__ == "__main__":
    answer(work)
