"""What batches of texts of many lengths pay for padding, and what sorting them or counting their tokens gains.

What `notebooks/efficiency.ipynb` calls where its parameters ask for `mixed_lengths`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from benchbench.meters import statistics
from benchbench.models.source import ModelSource
from benchbench.quantities import Basis
from benchbench.records import MIXED, Absence, Facts, Findings, Measurement, Subject
from benchbench.studies.efficiency.latencies import interval_measurement, rate
from benchbench.studies.efficiency.lengths.batchings import (
    BY_COUNT,
    BY_COUNT_SORTED,
    BY_TOKENS,
    BY_TOKENS_SORTED,
    Groups,
    batchings,
    drawn,
)
from benchbench.studies.efficiency.study import EfficiencyStudy
from benchbench.studies.workers.allocation import Comparison
from benchbench.studies.workers.race import Entrant, race
from benchbench.studies.workers.race_result import RaceResult
from benchbench.suites.schema import MixedLengths
from benchbench.targets.catalogue import runtime_of
from benchbench.targets.inputs import padding_waste_of
from benchbench.targets.protocol import Shape

_COUNTED = (BY_COUNT, BY_COUNT_SORTED)
_COMPARED = (
    (BY_COUNT, BY_COUNT_SORTED),
    (BY_COUNT, BY_TOKENS),
    (BY_COUNT, BY_TOKENS_SORTED),
    (BY_COUNT_SORTED, BY_TOKENS_SORTED),
)
"""Which ways a speedup is told of: the baseline, then what is compared with it."""
_FIXED = "the target runs one shape: texts of mixed lengths are all as long as the longest there"
"""Why such a target is left out."""


@dataclass(frozen=True, slots=True)
class Way:
    """A model with its texts in batches of one kind: an entrant of the race."""

    source: ModelSource
    batching: str
    groups: Groups

    @property
    def name(self) -> str:
        return f"{self.source.name}, {self.batching}"


def mixed_lengths(study: EfficiencyStudy) -> Findings:
    """Throughput of the same texts in each kind of batches, the share of padding, and paired speedups between kinds."""
    wanted = study.parameters.scenarios.mixed_lengths
    if study.unavailable or wanted is None:
        return Findings()
    if runtime_of(study.target).fixed_shape():
        return Findings((), (Absence(replace(study.subject, lengths=MIXED), _FIXED),))
    made = batchings(drawn(wanted, study.parameters.seed), wanted)
    ways = [Way(source, name, groups) for source in study.sources for name, groups in made.items()]
    shape = Shape(wanted.batch_size, wanted.longest)
    result = race(
        [Entrant(way.name, way.source, study.target, groups=way.groups, session=way.source.name) for way in ways],
        [shape],
        allocation=study.allocation,
        cache=study.cache,
        seed=study.parameters.seed,
        compared=_compared(ways, shape),
    )
    ran = [way for way in ways if shape in result.shapes(way.name)]
    subjects = {way.name: _subject(study, way, wanted) for way in ways}
    width = study.parameters.interval_half_width
    measured = (*_rates(ran, shape, result, subjects, width), *_speedups(ran, shape, result, subjects, width))
    facts = Facts(races=(study.raced(result, MIXED),))
    return Findings(measured, tuple(_absences(study, ways, shape, result)), facts)


def _pairs(ways: Sequence[Way]) -> Iterator[tuple[Way, Way]]:
    """Those of `_COMPARED`, for each model that has both."""
    of = {(way.source, way.batching): way for way in ways}
    for source in dict.fromkeys(way.source for way in ways):
        for pair in _COMPARED:
            if all((source, batching) in of for batching in pair):
                yield of[source, pair[0]], of[source, pair[1]]


def _compared(ways: Sequence[Way], shape: Shape) -> list[Comparison]:
    pairs = [Comparison(shape, (slower.name, faster.name)) for slower, faster in _pairs(ways)]
    return [*(Comparison(shape, (way.name,)) for way in ways), *pairs]


def _subject(study: EfficiencyStudy, way: Way, wanted: MixedLengths) -> Subject:
    size = wanted.batch_size if way.batching in _COUNTED else None
    subject = study.at(way.source, Shape(wanted.batch_size, wanted.longest))
    return replace(
        subject, scenario="offline", lengths=MIXED, batching=way.batching, batch_size=size, sequence_length=None
    )


def _rates(
    ways: Sequence[Way], shape: Shape, result: RaceResult, subjects: Mapping[str, Subject], half_width: float
) -> Iterator[Measurement]:
    for way in ways:
        subject, texts = subjects[way.name], [tokens for group in way.groups for tokens in group]
        mean = statistics.mean(result.times(way.name, shape))
        passes, note = result.queries(way.name, shape), result.disturbed(shape, way.name)
        for quantity, many in (("throughput", len(texts)), ("token_throughput", sum(texts))):
            yield interval_measurement(subject, quantity, rate(mean, many), passes, half_width, note)
        told = (
            f"{len(texts)} texts of {min(texts)} to {max(texts)} tokens in {len(way.groups)} batches, "
            f"the largest of {max(max(group) * len(group) for group in way.groups):,} tokens"
        )
        waste = padding_waste_of(way.groups)
        yield Measurement(subject, "padding_waste", waste, Basis.COUNTED, len(texts), note=told)


def _speedups(
    ways: Sequence[Way], shape: Shape, result: RaceResult, subjects: Mapping[str, Subject], half_width: float
) -> Iterator[Measurement]:
    for slower, faster in _pairs(ways):
        both = shape, slower.name, faster.name
        subject = replace(subjects[faster.name], baseline=slower.batching)
        rounds, note = result.rounds(*both), result.disturbed(*both)
        interval = result.ratio(slower.name, faster.name, shape)
        yield interval_measurement(subject, "batching_speedup", interval, rounds, half_width, note)


def _absences(study: EfficiencyStudy, ways: Sequence[Way], shape: Shape, result: RaceResult) -> Iterator[Absence]:
    """Why a model was not timed: once where there is one reason for all its batches."""
    for source in study.sources:
        reasons = {
            way.batching: result.failures[way.name, shape].reason
            for way in ways
            if way.source == source and (way.name, shape) in result.failures
        }
        subject = replace(study.subject, model=source.name, lengths=MIXED)
        if len(set(reasons.values())) == 1:
            yield Absence(subject, f"not measured: {next(iter(reasons.values()))}")
            continue
        for batching, reason in reasons.items():
            yield Absence(replace(subject, batching=batching), f"not measured: {reason}")
