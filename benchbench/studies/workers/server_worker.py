"""Run as a module in a fresh process: find the highest rate of random queries that a prepared model serves in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from benchbench.meters.latency import warm_up
from benchbench.meters.server import highest_rate
from benchbench.processes import answer
from benchbench.targets.inputs import batch
from benchbench.targets.protocol import Job
from benchbench.targets.session import open_session


def work(request: Mapping[str, Any]) -> dict[str, Any]:
    """`job`, `bound_ms`, `seconds`, `seed`. Answers with the fields of a `ServerResult`."""
    job = Job.from_json(request["job"])
    session = open_session(job.source, job.target, job.shape, job.folder)
    query = partial(session.run, batch(job.shape, session.limits.vocabulary_size, request["seed"]))
    warm_up(query)
    return asdict(highest_rate([query], request["bound_ms"], request["seconds"], request["seed"]))


if __name__ == "__main__":
    answer(work)
