"""Preparing a model for a target and opening it there, with the checks that every runtime would need around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchbench.errors import InputError
from benchbench.machine.query_parts import QueryParts
from benchbench.targets.calibration import on_random_tokens
from benchbench.targets.catalogue import runtime_of
from benchbench.targets.limits import Limits
from benchbench.targets.protocol import (
    Batch,
    DeviceMemory,
    Job,
    Prepared,
    QueueingRuntime,
    RequestQueue,
    Session,
    Shape,
    Target,
    TellsParts,
)

if TYPE_CHECKING:
    import numpy


@dataclass(frozen=True)
class CheckedSession:
    """A runtime's session that refuses what the model cannot take. `fixed`: the one shape that it runs, or None.

    `limits`: of tokens; None where the target reads texts, which can be any.
    """

    session: Session
    limits: Limits | None
    fixed: Shape | None

    @property
    def vocabulary_size(self) -> int:
        """Of a target that reads tokens."""
        assert self.limits is not None
        return self.limits.vocabulary_size

    def run(self, batch: Batch) -> numpy.ndarray:
        """As `Session.run`. Raises `InputError` for a batch that does not fit the model or the fixed shape."""
        if self.limits:
            self.limits.check(batch, self.fixed)
        return self.session.run(batch)

    def parts(self, batch: Batch) -> QueryParts | None:
        """What one query is made of on an accelerator; None where there is none, or its runtime cannot say."""
        return self.session.parts(batch) if isinstance(self.session, TellsParts) else None

    def device_memory(self) -> DeviceMemory | None:
        return self.session.device_memory()


def prepare(job: Job, folder: Path) -> None:
    """Fill the empty `folder` with what `open_session` needs. Raises whatever the runtime raises."""
    calibration = (job.calibration or on_random_tokens(job.source)) if job.target.calibrated else None
    runtime_of(job.target).prepare(replace(job, calibration=calibration), folder)
    if job.target.reads == "tokens":
        Limits.of(job.source).write(folder)


def open_session(prepared: Prepared) -> CheckedSession:
    """Load what `prepare` left in the folder."""
    job, runtime = prepared.job, runtime_of(prepared.job.target)
    session = runtime.load(job, prepared.folder)
    limits = Limits.read(prepared.folder) if job.target.reads == "tokens" else None
    return CheckedSession(session, limits, job.shape if runtime.fixed_shape() else None)


def has_queue(target: Target) -> bool:
    """Whether `open_queue` can open what is prepared for `target`."""
    return isinstance(runtime_of(target), QueueingRuntime)


def open_queue(prepared: Prepared) -> RequestQueue:
    """The same for several requests at once; batches are not checked. Raises `InputError` where there is no queue."""
    job, runtime = prepared.job, runtime_of(prepared.job.target)
    if not isinstance(runtime, QueueingRuntime):
        raise InputError(f"{runtime.name} has no queue of requests; it needs a method load_queue")
    return runtime.load_queue(job, prepared.folder)
