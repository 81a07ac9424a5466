"""Run as a module in a fresh process: load all entrants of a race and time them in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from benchbench.meters.latency import Contestant, interleave, take_turns
from benchbench.processes import answer
from benchbench.targets.inputs import queries
from benchbench.targets.protocol import Job
from benchbench.targets.session import CheckedSession, open_session

Key = tuple[str, int]
"""An entrant's name and the number of a shape."""


def work(request: Mapping[str, Any]) -> dict[str, Any]:
    """`entries`: entrant, number of the shape, job, token lengths. Answers with each one's rounds, and who failed.

    With `energy_seconds`, the `metered` entrants then run the first shape in turn under the power meter.
    """
    contestants: dict[int, list[Contestant[Key]]] = {}
    failures: dict[str, str] = {}
    sessions: dict[tuple[str, int | None], CheckedSession] = {}
    for name, shape, fields, lengths in request["entries"]:
        try:
            contestant = _contestant((name, shape), Job.from_json(fields), lengths, sessions, request["seed"])
            contestant.run()
        except Exception as error:  # an engine may fail in any way; the other entrants go on
            failures[name] = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
            continue
        contestants.setdefault(shape, []).append(contestant)
    rounds: dict[Key, list[list[float]]] = {}
    for entrants in contestants.values():
        rounds |= interleave(entrants, request["seconds"] / len(contestants), request["seed"])
    answer = {"rounds": [(*key, found) for key, found in rounds.items()], "failures": failures}
    if request["energy_seconds"] and contestants:
        answer["energy"] = _energy(contestants[min(contestants)], request)
    return answer


def _energy(contestants: list[Contestant[Key]], request: Mapping[str, Any]) -> dict[str, Any]:
    from benchbench.meters.energy import MeterSettings, measure_energy

    settings = MeterSettings(request["country"], request["tdp_watts"], request["tdp_source"])
    with measure_energy(settings) as meter:
        spent = take_turns([c for c in contestants if c.key[0] in request["metered"]], request["energy_seconds"])
    turns = {name: turn for (name, _), turn in spent.items()}
    return {"reading": asdict(meter.reading()), "turns": turns}


def _contestant(
    key: Key, job: Job, lengths: Sequence[int], sessions: dict[tuple[str, int | None], CheckedSession], seed: int
) -> Contestant[Key]:
    """An entrant's shapes share one of the `sessions` where it runs any shape; two entrants never share one."""
    name, shape = key
    session = sessions.get((name, None)) or open_session(job.source, job.target, job.shape, job.folder)
    sessions[name, None if session.fixed is None else shape] = session
    batches = queries(job.shape, session.limits.vocabulary_size, seed, lengths, fixed=session.fixed is not None)
    return Contestant(key, tuple(partial(session.run, batch) for batch in batches))


if __name__ == "__main__":
    answer(work)
