"""Run as a module in a fresh process: load all entrants of a race and time them in turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchbench.meters.latency import Contestant, interleave
from benchbench.studies.child import answer
from benchbench.studies.inputs import batch
from benchbench.studies.job import Job


def work(request: Mapping[str, Any]) -> dict[str, Any]:
    """`jobs`: entrant name to job, all of one shape or several. Answers with rounds by job, and failures by reason."""
    contestants: dict[tuple[int, int], list[Contestant]] = {}
    failures: dict[str, str] = {}
    for name, fields in request["jobs"].items():
        job = Job.from_json(fields)
        try:
            contestant = _contestant(name, job, request["seed"])
            contestant.run()
        except Exception as error:  # an engine may fail in any way; the other entrants go on
            failures[name] = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
            continue
        contestants.setdefault((job.shape.batch_size, job.shape.sequence_length), []).append(contestant)
    rounds: dict[str, list[list[float]]] = {}
    for entrants in contestants.values():
        rounds |= interleave(entrants, request["seconds"] / len(contestants), request["seed"])
    return {"rounds": rounds, "failures": failures}


def _contestant(name: str, job: Job, seed: int) -> Contestant:
    from benchbench.models import loading
    from benchbench.targets.catalogue import runtime_of

    session = runtime_of(job.target).load(job.source, job.target, job.shape, job.folder)
    inputs = batch(job.shape, loading.config(job.source).vocab_size, seed)
    return Contestant(name, lambda: session.run(inputs))


if __name__ == "__main__":
    answer(work)
