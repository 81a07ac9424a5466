"""Exporting, compiling and quantising models for their targets, in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchbench.errors import Missing, one_line
from benchbench.targets.protocol import Job


@dataclass(frozen=True, slots=True)
class Preparation:
    """A job, and the empty folder that its runtime is to fill."""

    job: Job
    folder: Path


def prepare_each(wanted: tuple[Preparation, ...]) -> tuple[Missing | None, ...]:
    """Fill each folder through its job's runtime. Answers for each why that failed, None where it went well."""
    return tuple(_prepare(preparation) for preparation in wanted)


def _prepare(wanted: Preparation) -> Missing | None:
    from benchbench.targets.session import prepare

    try:
        prepare(wanted.job, wanted.folder)
    except Exception as error:  # an exporter may fail in any way; the other models go on
        return Missing(one_line(error))
    return None
