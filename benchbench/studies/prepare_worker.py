"""Run as a module in a fresh process: export, compile or quantise one model for one target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchbench.studies.child import answer
from benchbench.studies.job import Job


def work(request: Mapping[str, Any]) -> dict[str, Any]:
    """Fill the job's empty folder through its runtime."""
    from benchbench.targets.catalogue import runtime_of

    job = Job.from_json(request)
    runtime_of(job.target).prepare(job.source, job.target, job.shape, job.folder)
    return {}


if __name__ == "__main__":
    answer(work)
