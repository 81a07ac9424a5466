"""A race's times as measurements and absences: percentiles, throughput, paired speedups."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from benchbench.errors import Missing
from benchbench.meters import statistics
from benchbench.meters.percentiles import percentile
from benchbench.meters.statistics import Rounds
from benchbench.models import loading as models
from benchbench.quantities import QUANTITIES, Basis
from benchbench.records import Absence, Findings, Interval, Measurement, Subject, join
from benchbench.studies.workers.race import Entrant
from benchbench.studies.workers.race_result import RaceResult
from benchbench.targets.protocol import Shape

_MEDIAN = 50.0
_RATES = ("throughput", "token_throughput")
TAILS = {name: q for name, known in QUANTITIES.items() if (q := known.percentile) is not None and q > _MEDIAN}
"""Percentiles above the median, by the name of their quantity."""


def latencies(result: RaceResult, entrants: Sequence[Entrant], half_width: float) -> Findings:
    """Latency percentiles and mean (ms) and throughput (examples/s, tokens/s) of each entrant at each shape.

    A percentile that takes more queries is absent. A value is marked unstable where its interval is wider than
    ± `half_width` of it, where it has none, and where neighbours disturbed it, which its note then says.
    """
    parts = []
    for entrant in entrants:
        for shape in result.shapes(entrant.name):
            times, queries = result.times(entrant.name, shape), result.queries(entrant.name, shape)
            note, texts = result.disturbed(shape, entrant.name), len(times[0][0]) if entrant.token_lengths else None
            better = {
                "latency_p50": result.median(entrant.name, shape),
                "token_throughput": rate(statistics.mean(times), _tokens(entrant, shape)),
            }
            for quantity, found in {**of_times(times, shape.batch_size, texts), **better}.items():
                subject = _subject(entrant, shape, "offline" if quantity in _RATES else "single-stream")
                parts.append(measured_or_absent(subject, quantity, found, queries, half_width, note))
    return join(parts)


def of_times(times: Sequence[Rounds], batch_size: int, texts: int | None = None) -> Mapping[str, Interval | Missing]:
    """By quantity: the percentiles and the mean of query times (ms), and the throughput in examples/s.

    The median is that of a process: few processes tell it more surely than that of all queries. `texts`: how many
    different queries a round has, each once; None where it has one again and again.
    """
    mean = statistics.mean(times)
    tails = {name: percentile(times, q, texts) for name, q in TAILS.items()}
    middle = {"latency_p50": statistics.median(times), "latency_mean": mean}
    return {**middle, **tails, "throughput": rate(mean, batch_size)}


def speedups(
    result: RaceResult, candidates: Sequence[Entrant], baselines: Sequence[Entrant], half_width: float
) -> Iterator[Measurement]:
    """How many times faster each of the `candidates` is than each other of the `baselines`, paired round by round."""
    for candidate in candidates:
        for shape in result.shapes(candidate.name):
            for baseline in baselines:
                if baseline.name == candidate.name or shape not in result.shapes(baseline.name):
                    continue
                interval = result.ratio(baseline.name, candidate.name, shape)
                subject = _subject(candidate, shape, "single-stream", baseline.name)
                both = shape, baseline.name, candidate.name
                rounds, note = result.rounds(*both), result.disturbed(*both)
                yield interval_measurement(subject, "speedup", interval, rounds, half_width, note)


def absences(result: RaceResult, of: Subject) -> Iterator[Absence]:
    """Why an entrant was not timed: at a shape, or at all of them where there is one reason for all."""
    for name in dict.fromkeys(name for name, _ in result.failures):
        reasons = {shape: missing.reason for (who, shape), missing in result.failures.items() if who == name}
        subject = replace(of, model=name)
        if not result.shapes(name) and len(set(reasons.values())) == 1:
            yield Absence(subject, f"not measured: {next(iter(reasons.values()))}")
            continue
        for shape, reason in reasons.items():
            at_shape = replace(subject, batch_size=shape.batch_size, sequence_length=shape.sequence_length)
            yield Absence(at_shape, f"not measured: {reason}")


def _tokens(entrant: Entrant, shape: Shape) -> float:
    """Of a query on average, without padding."""
    lengths = entrant.token_lengths or (shape.sequence_length,)
    return shape.batch_size * sum(lengths) / len(lengths)


def _subject(entrant: Entrant, shape: Shape, scenario: str, baseline: str | None = None) -> Subject:
    return Subject(
        model=entrant.source.name,
        weights=models.label(entrant.source),
        target=entrant.target.name,
        scenario=scenario,
        batch_size=shape.batch_size,
        sequence_length=shape.sequence_length,
        baseline=baseline,
    )


def measured_or_absent(
    subject: Subject, quantity: str, found: Interval | Missing, samples: int, half_width: float, note: str = ""
) -> Findings:
    """An `interval_measurement`, or the absence of `quantity` where there is a reason instead of an interval."""
    if isinstance(found, Missing):
        return Findings((), (Absence(subject, found.reason, quantity),))
    return Findings((interval_measurement(subject, quantity, found, samples, half_width, note),))


def interval_measurement(
    subject: Subject, quantity: str, interval: Interval, samples: int, half_width: float, note: str = ""
) -> Measurement:
    """A measurement that is stable where its interval is within ± `half_width` of it and no `note` says otherwise."""
    known = statistics.known(interval)
    return Measurement(
        subject,
        quantity,
        interval.value,
        Basis.MEASURED,
        samples,
        ci_low=interval.low if known else None,
        ci_high=interval.high if known else None,
        stable=known and not note and interval.half_width <= half_width,
        note=note,
    )


def rate(mean_ms: Interval, examples: float) -> Interval:
    """How many a second, where a query of `examples` of them takes so long."""
    low = examples * 1000 / mean_ms.high
    return Interval(examples * 1000 / mean_ms.value, low, examples * 1000 / mean_ms.low if mean_ms.low else math.inf)
