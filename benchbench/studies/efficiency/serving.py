"""A target under the conditions of a service: texts as long as they come, queries at random, batches up to a limit.

What `notebooks/efficiency.ipynb` calls after the studies of fixed shapes, for what its parameters ask: `realistic`,
`server`, `largest_batch`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from benchbench import processes
from benchbench.errors import Missing, one_line
from benchbench.meters import server as server_meter
from benchbench.models.source import ModelSource
from benchbench.quantities import Basis
from benchbench.records import REALISTIC, Absence, Facts, Findings, Interval, Measurement, Subject, join
from benchbench.studies.efficiency.each_model import of_each
from benchbench.studies.efficiency.instances import filled
from benchbench.studies.efficiency.latencies import absences, latencies, speedups
from benchbench.studies.efficiency.study import EfficiencyStudy
from benchbench.studies.quality.tokenizers import tokenizer_for
from benchbench.studies.workers.footprint import footprint
from benchbench.studies.workers.race import Entrant, race
from benchbench.studies.workers.race_result import RaceResult
from benchbench.studies.workers.server_worker import ServerRequest, find_rate
from benchbench.suites.schema import LargestBatch, Realistic, Server
from benchbench.targets import artefacts
from benchbench.targets.catalogue import runtime_of
from benchbench.targets.inputs import padding_waste
from benchbench.targets.protocol import Job, Shape
from benchbench.tasks import kinds, sources
from benchbench.tasks import registry as tasks
from benchbench.tasks.task import TaskData

_NEAR = 0.1  # a largest batch is found when the next one tried is larger by no more than this share


def realistic(study: EfficiencyStudy) -> Findings:
    """Latency, throughput and paired speedups on texts of a task, and how much of the work is padding."""
    wanted = study.parameters.scenarios.realistic
    if study.unavailable or wanted is None:
        return Findings()
    texts = sources.load(tasks.find(wanted.task), wanted.data)
    p = study.parameters
    count = math.ceil(wanted.examples / (step := math.lcm(*p.batch_sizes))) * step
    entrants, unread = _entrants(study, texts, wanted, count)
    if not entrants:
        return Findings((), unread)
    result = race(
        entrants,
        [Shape(size, wanted.max_length) for size in p.batch_sizes],
        allocation=study.allocation,
        cache=study.cache,
        seed=p.seed,
    )
    width = p.interval_half_width
    timed = latencies(result, entrants, width)
    measured = (*timed.measurements, *speedups(result, entrants, entrants, width), *_waste(study, result, entrants))
    too_few = (replace(absence, subject=_of_texts(absence.subject, wanted, texts)) for absence in timed.absences)
    failed = absences(result, replace(study.subject, lengths=REALISTIC))
    return Findings(
        tuple(replace(m, subject=_of_texts(m.subject, wanted, texts)) for m in measured),
        (*unread, *too_few, *failed),
        Facts(races=(study.raced(result, REALISTIC),)),
    )


def _entrants(
    study: EfficiencyStudy, texts: TaskData, wanted: Realistic, count: int
) -> tuple[list[Entrant], tuple[Absence, ...]]:
    """The models with the lengths of the texts in their own tokens, and the absence of those that cannot read them."""
    entrants: list[Entrant] = []
    unread: list[Absence] = []
    for source in study.sources:
        try:
            lengths = token_lengths(source, texts, wanted, count, study.parameters.seed)
        except Exception as error:  # of a tokenizer that may be anyone's
            subject = replace(study.subject, model=source.name, lengths=REALISTIC)
            unread.append(Absence(subject, f"not measured: {one_line(error)}"))
        else:
            entrants.append(Entrant(source.name, source, study.target, lengths))
    return entrants, tuple(unread)


def server(study: EfficiencyStudy) -> Findings:
    """What a server makes of its cores: queries that arrive at random, and several processes that fill it."""
    return join([_random_arrivals(study), filled(study)])


def _random_arrivals(study: EfficiencyStudy) -> Findings:
    """The most queries a second, arriving at random, whose p99 stays within the bound, one by one at the first length.

    Unstable where the queries are too few to be sure of that p99.
    Raises nothing: a model that cannot be served is absent with its reason.
    """
    wanted = study.parameters.scenarios.server
    if study.unavailable or wanted is None:
        return Findings()
    reason = server_meter.unavailable()
    if reason:
        return Findings((), (Absence(replace(study.subject, scenario="server"), reason, "server_rate"),))
    return of_each(
        study.sources,
        lambda source: _served(study, source, wanted),
        lambda source: replace(study.at(source, _alone(study)), scenario="server"),
        "server_rate",
    )


def largest_batch(study: EfficiencyStudy) -> Findings:
    """The most examples in a batch whose peak memory fits the limit, at the first length."""
    wanted = study.parameters.scenarios.largest_batch
    if study.unavailable or wanted is None:
        return Findings()
    return of_each(
        study.sources,
        lambda source: _largest(study, source, wanted),
        lambda source: _any_batch(study, source),
        "largest_batch",
    )


def token_lengths(source: ModelSource, texts: TaskData, wanted: Realistic, count: int, seed: int) -> tuple[int, ...]:
    """Tokens of `count` evaluation texts in the model's own tokenizer, drawn by `seed`: the same texts for any model.

    Drawn again from the start where the task has fewer.
    """
    split = next(iter(texts.evaluation.values()))
    drawn = split.shuffle(seed=seed).select(range(min(count, len(split))))
    tokenizer, _ = tokenizer_for(source, texts)
    tokens = kinds.of(texts.task).tokenise_evaluation(drawn, tokenizer, wanted.max_length)
    lengths = [len(ids) for ids in tokens["input_ids"]]
    return tuple(lengths[i % len(lengths)] for i in range(count))


def _of_texts(subject: Subject, wanted: Realistic, texts: TaskData) -> Subject:
    return replace(subject, task=wanted.task, data=texts.origin, sequence_length=None, lengths=REALISTIC)


def _waste(study: EfficiencyStudy, result: RaceResult, entrants: list[Entrant]) -> Iterator[Measurement]:
    fixed = runtime_of(study.target).fixed_shape()
    for entrant in entrants:
        for shape in result.shapes(entrant.name):
            subject = replace(study.at(entrant.source, shape), scenario="offline")
            waste = padding_waste(entrant.token_lengths, shape, fixed=fixed)
            yield Measurement(subject, "padding_waste", waste, Basis.COUNTED, len(entrant.token_lengths))


def _alone(study: EfficiencyStudy) -> Shape:
    """One example at the first length."""
    return Shape(1, study.shapes[0].sequence_length)


def _any_batch(study: EfficiencyStudy, source: ModelSource) -> Subject:
    return replace(study.at(source, _alone(study)), scenario="offline", batch_size=None)


def _served(study: EfficiencyStudy, source: ModelSource, wanted: Server) -> Findings:
    shape = _alone(study)
    subject = replace(study.at(source, shape), scenario="server")
    prepared = artefacts.prepare(Job(source, study.target, shape), study.cache)
    request = ServerRequest(prepared, wanted.p99_ms, wanted.seconds, study.parameters.seed)
    answer = processes.call(find_rate, request)
    met, missed = answer.met, answer.missed
    if met is None:
        reason = f"no rate keeps the p99 within {wanted.p99_ms:g} ms: a query alone takes {answer.alone_ms:.3g} ms"
        return Findings((), (Absence(subject, reason, "server_rate"),))
    sure = isinstance(met.tail, Interval)
    told = f"at most {met.tail.high:.3g} ms" if isinstance(met.tail, Interval) else f"{met.p99_ms:.3g} ms"
    note = f"p99 within {wanted.p99_ms:g} ms: {told} in {met.queries} queries"
    if isinstance(met.tail, Missing):
        note += f", not sure: {met.tail.reason}"
    if missed:
        note += f"; at {missed.rate:.3g} queries/s it was {missed.p99_ms:.3g} ms"
    return Findings(
        (Measurement(subject, "server_rate", met.rate, Basis.MEASURED, met.queries, stable=sure, note=note),)
    )


def _largest(study: EfficiencyStudy, source: ModelSource, wanted: LargestBatch) -> Findings:
    """Grow by doubling until a batch does not fit, then halve the gap; each size in a fresh process."""
    length = study.shapes[0].sequence_length
    subject = _any_batch(study, source)
    fits, fails, size = 0, wanted.most + 1, 1
    while fails - fits > max(1, int(_NEAR * fits)):
        found = footprint(Job(source, study.target, Shape(size, length)), study.cache, repeats=1)
        peak = found.memory.peak_where_it_runs_bytes
        if isinstance(peak, Missing):
            return Findings((), (Absence(subject, f"peak memory: {peak.reason}", "largest_batch"),))
        fits, fails = (size, fails) if peak <= wanted.memory_limit else (fits, size)
        size = min(2 * size, wanted.most) if fails > wanted.most else (fits + fails) // 2
    limit = f"{wanted.memory_limit / 1e9:.3g} GB"
    if fits == 0:
        return Findings((), (Absence(subject, f"one example takes more than {limit}", "largest_batch"),))
    beyond = "the largest tried" if fails > wanted.most else f"{fails} do not fit"
    note = f"peak memory within {limit}; {beyond}"
    return Findings((Measurement(subject, "largest_batch", fits, Basis.MEASURED, note=note),))
