"""How long a new process takes to its first answer."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from benchbench import processes
from benchbench.studies.workers.answering import Answering, Reading
from benchbench.targets.protocol import Prepared
from benchbench.targets.session import open_session
from benchbench.targets.texts import Texts, Written


@dataclass(frozen=True, slots=True)
class ColdStartRequest:
    """The model on a target, and one batch of `texts` that it is asked first, read by `reading` where that is known."""

    prepared: Prepared
    texts: Texts | Written
    reading: Reading | None


def cold_start_seconds(request: ColdStartRequest) -> float:
    """From the start of a process until it has answered: imports, loading, the first query.

    Raises `processes.ChildFailed` where it has no answer.
    """
    started = monotonic()  # one clock for all processes of a machine
    return processes.call(answered_at, request) - started


def answered_at(request: ColdStartRequest) -> float:
    """What `monotonic` says in this process when the first answer is there."""
    Answering(open_session(request.prepared), request.texts, request.reading).query(0)()
    return monotonic()
