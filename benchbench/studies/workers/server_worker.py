"""The highest rate of random queries that a prepared model serves in time, in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from benchbench.meters.latency import warm_up
from benchbench.meters.server import ServerResult, highest_rate
from benchbench.targets.inputs import batch
from benchbench.targets.protocol import Prepared
from benchbench.targets.session import open_session


@dataclass(frozen=True, slots=True)
class ServerRequest:
    """`bound_ms`: what the p99 must stay within. `seconds`: of all trials together."""

    prepared: Prepared
    bound_ms: float
    seconds: float
    seed: int


def find_rate(request: ServerRequest) -> ServerResult:
    session = open_session(request.prepared)
    query = partial(session.run, batch(request.prepared.job.shape, session.vocabulary_size, request.seed))
    warm_up(query)
    return highest_rate([query], request.bound_ms, request.seconds, request.seed)
