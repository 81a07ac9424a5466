"""Where processes that are to begin together meet: a folder in which each says that it is ready, and one says when.

Moments are those of `perf_counter`, the same clock in every process of a machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

from pydantic import TypeAdapter

from benchbench.runs import atomic

_LOOK_SECONDS = 0.005
_WAIT_SECONDS = 600.0  # at most, for the others


@dataclass(frozen=True, slots=True)
class Period:
    """From `begin` to `end`, in seconds of `perf_counter`, all answer queries of the shape with this `number`."""

    number: int
    begin: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.begin


_READY = TypeAdapter(tuple[float, ...])
_PERIODS = TypeAdapter(tuple[Period, ...])


@dataclass(frozen=True, slots=True)
class Meeting:
    """An empty `folder` at first."""

    folder: Path

    def ready(self, process: int, query_seconds: Sequence[float]) -> None:
        """Say that a process could begin, and what a query of each shape takes."""
        atomic.write_text(self.folder / f"ready-{process}.json", _READY.dump_json(tuple(query_seconds)).decode())

    def readiness(self, processes: int) -> Mapping[int, Sequence[float]]:
        """What a query of each shape takes, by process, of those that are ready."""
        files = {process: self.folder / f"ready-{process}.json" for process in range(processes)}
        return {process: _READY.validate_json(file.read_bytes()) for process, file in files.items() if file.exists()}

    def call(self, periods: Sequence[Period]) -> None:
        """Tell all processes when to answer."""
        atomic.write_text(self._periods, _PERIODS.dump_json(tuple(periods)).decode())

    def end(self) -> None:
        """Let those that were told nothing end at once."""
        if not self._periods.exists():
            self.call(())

    def periods(self) -> Sequence[Period]:
        """Wait until they are told. Raises `TimeoutError` where nobody does."""
        until(self._periods.exists, _WAIT_SECONDS)
        return _PERIODS.validate_json(self._periods.read_bytes())

    @property
    def _periods(self) -> Path:
        return self.folder / "periods.json"


def until(reached: Callable[[], bool], most_seconds: float) -> None:
    """Sleep until something is `reached`. Raises `TimeoutError`."""
    end = perf_counter() + most_seconds
    while not reached():
        if perf_counter() > end:
            raise TimeoutError(f"waited {most_seconds:.0f} s for the other processes")
        sleep(_LOOK_SECONDS)


def until_moment(moment: float) -> None:
    """Sleep until `perf_counter` is there."""
    sleep(max(0.0, moment - perf_counter()))
