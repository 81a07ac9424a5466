"""A request from its text to its label: how long it takes, and what making tokens has of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from benchbench.errors import Missing
from benchbench.meters import statistics
from benchbench.meters.energy import EnergyReading
from benchbench.meters.statistics import Rounds
from benchbench.records import Absence, Findings, Measurement, Subject, join
from benchbench.studies.efficiency.latencies import interval_measurement, measured_or_absent, of_times
from benchbench.studies.workers.deployment_worker import DeploymentAnswer, Energy

_PERCENTILES = {f"text_{name}": name for name in ("latency_p50", "latency_p90", "latency_p99")}


def model_alone(answer: DeploymentAnswer, name: str) -> list[Rounds]:
    """The times (ms) of an entrant without the making of tokens: by process, then by round."""
    return [_second_stage(rounds.times[name], rounds.first_stages[name]) for rounds in answer.rounds]


def _second_stage(whole: Rounds, first: Rounds) -> Rounds:
    pairs = zip(whole, first, strict=True)
    return [[all_of_it - part for all_of_it, part in zip(*both, strict=True)] for both in pairs]


def from_text(
    answer: DeploymentAnswer, name: str, subject: Subject, half_width: float, note: str, unread: Missing | None
) -> Findings:
    """The percentiles of whole requests; the share and the energy of making tokens, where that is a stage of its own.

    `unread`: why no query began with its text; None where one did.
    """
    if reason := unread or answer.unread:
        return Findings((), tuple(Absence(subject, reason.reason, quantity) for quantity in _PERCENTILES))
    whole = [rounds.times[name] for rounds in answer.rounds]
    queries = sum(map(len, (texts for process in whole for texts in process)))
    found = of_times(whole, subject.batch_size or 1, len(whole[0][0]))
    parts = [
        measured_or_absent(subject, quantity, found[percentile], queries, half_width, note)
        for quantity, percentile in _PERCENTILES.items()
    ]
    if answer.tokenises:
        firsts: Sequence[Rounds] = [rounds.first_stages[name] for rounds in answer.rounds]
        share = statistics.ratio(firsts, whole)
        rows = [interval_measurement(subject, "tokenisation_share", share, queries, half_width, note)]
        if answer.reading_energy:
            rows += _energy(answer.reading_energy, replace(subject, scenario="offline"))
        parts.append(Findings(tuple(rows)))
    return join(parts)


def _energy(spent: Energy, subject: Subject) -> list[Measurement]:
    if not isinstance(reading := spent.reading, EnergyReading):
        return []
    joules = reading.watts * spent.seconds / spent.examples
    return [
        Measurement(subject, "tokenisation_energy", joules, reading.basis, reading.samples, note=reading.explanation)
    ]
