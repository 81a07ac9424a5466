"""Run as a module in a fresh process: export, compile or quantise models for their targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchbench.processes import answer
from benchbench.targets.protocol import Job


def work(request: Mapping[str, Any]) -> list[str]:
    """Fill each job's empty folder through its runtime. Answers with a reason for each, empty where it went well."""
    return [_prepare(Job.from_json(job)) for job in request["jobs"]]


def _prepare(job: Job) -> str:
    from benchbench.targets.session import prepare

    try:
        prepare(job.source, job.target, job.shape, job.folder)
    except Exception as error:  # an exporter may fail in any way; the other models go on
        return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    return ""


if __name__ == "__main__":
    answer(work)
