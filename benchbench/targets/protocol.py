"""What a hardware target is, and what a runtime must be able to do. Everything else follows from these two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from benchbench.machine import Precision as Precision
from benchbench.machine.device_memory import DeviceMemory as DeviceMemory
from benchbench.machine.query_parts import QueryParts as QueryParts
from benchbench.models.source import ModelSource
from benchbench.targets.calibration import NOT_ON_TEXTS, Calibration
from benchbench.targets.shape import Batch as Batch
from benchbench.targets.shape import Shape as Shape

if TYPE_CHECKING:
    import numpy


Reads = Literal["tokens", "texts"]


@dataclass(frozen=True, slots=True)
class Target:
    """A runtime configured for a device: what a suite names and a report shows.

    `reads`: what its sessions are given, tokens of an encoder or texts as they are written (`Written.batch`).
    `calibrated`: the ranges of activations are read off texts when a model is prepared, not off each batch.
    `threads`: CPU threads of the runtime; None means `machine.threads()`. `tdp_watts` with `tdp_source` is a
    declared power, used where no power meter is found. `country` (ISO 3166-1 alpha-3) overrides the suite's grid.
    `resources`: what a node of a Ray cluster must offer to run it, such as {"benchbench:h200": 1}.
    """

    name: str
    runtime: str
    device: str = "cpu"
    precision: Precision = "fp32"
    reads: Reads = "tokens"
    calibrated: bool = False
    threads: int | None = None
    options: Mapping[str, object] = field(default_factory=dict)
    tdp_watts: float | None = None
    tdp_source: str = ""
    country: str | None = None
    description: str = ""
    resources: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """What to run: a model on a target at a shape. `calibration`: read where the target is calibrated.

    None there: tokens at random, as where only time is measured.
    """

    source: ModelSource
    target: Target
    shape: Shape
    calibration: Calibration | None = None

    @property
    def calibrated_on(self) -> str:
        """What a record says of the calibration, in one sentence; empty where the target has none."""
        if not self.target.calibrated:
            return ""
        return self.calibration.explanation if self.calibration else NOT_ON_TEXTS


@dataclass(frozen=True, slots=True)
class Prepared:
    """A job that can be opened: `folder` holds what its target's runtime made of the model."""

    job: Job
    folder: Path


class Session(Protocol):
    """A model loaded on a target, ready to run."""

    def run(self, batch: Batch) -> numpy.ndarray:
        """Run one batch to the end and return the logits as float32: (batch, labels) or (batch, sequence, labels).

        The batch fits the model: shapes, type, length and token ids have been checked (`benchbench.targets.limits`).

        Returns only when the result is in host memory, so a clock around this call needs no further synchronising.
        """
        ...

    def device_memory(self) -> DeviceMemory | None:
        """A reading of the accelerator's memory; None on CPU, where the process's own memory counts."""
        ...


@runtime_checkable
class TellsParts(Protocol):
    """A session that can say what a query spends on copying; optional for a runtime."""

    def parts(self, batch: Batch) -> QueryParts | None:
        """Run one query; its parts, None where it runs on no accelerator."""
        ...


class Runtime(Protocol):
    """An adapter to an engine. Stateless: everything it needs comes in with the call."""

    name: str

    def unavailable(self, target: Target) -> str | None:
        """Why `target` cannot run here, in one sentence; None when it can. Must be cheap and never raise."""
        ...

    def fixed_shape(self) -> bool:
        """Whether what is prepared and loaded runs one shape only (True) or all of them (False)."""
        ...

    def reads_weights(self) -> bool:
        """Whether `load` reads the model's own weights (True), or nothing but what was prepared (False)."""
        ...

    def prepare(self, job: Job, folder: Path) -> None:
        """Export, compile or quantise the model into the empty `folder`. Slow, done once, in a process of its own.

        A calibrated target's job has its calibration.
        """
        ...

    def load(self, job: Job, folder: Path) -> Session:
        """Open what `prepare` left in `folder`. Called in a fresh process, before the clock starts."""
        ...

    def versions(self) -> Mapping[str, str]:
        """The engine's own versions, for the record."""
        ...


@runtime_checkable
class ImportsAhead(Protocol):
    """A runtime whose libraries take long to import; optional for a runtime on CPUs."""

    def imports(self) -> tuple[str, ...]:
        """Modules that `load` imports and that may be imported before a process is forked: they start no threads of
        their own that a forked process would miss.
        """
        ...


class RequestQueue(Protocol):
    """A model loaded on a target that works on several batches at once."""

    def wait_for_place(self) -> None:
        """Return once the next batch can be started without waiting."""
        ...

    def start(self, batch: Batch, done: Callable[[numpy.ndarray], None]) -> None:
        """Start one batch and return; `done` is called, from any thread, with logits as `Session.run` returns them."""
        ...

    def finish(self) -> None:
        """Return once all that was started is done. Raises what a batch raised."""
        ...


@runtime_checkable
class QueueingRuntime(Runtime, Protocol):
    """A runtime whose engine can share the cores among several requests itself. It has one method more."""

    def load_queue(self, job: Job, folder: Path) -> RequestQueue:
        """As `load`, with as many places as the engine thinks best for throughput."""
        ...
