"""The fine-tuned model on each target: what it answers there, how fast, at what size, beside itself in fp32.

Each target's artefact is prepared once from the fine-tuned model; scores, times, memory and energy are all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy

from benchbench import forking, processes
from benchbench.errors import Missing, one_line
from benchbench.meters import neighbours, statistics
from benchbench.meters.energy import READING_SECONDS, MeterSettings
from benchbench.processes import ChildFailed
from benchbench.quantities import Basis
from benchbench.records import (
    REALISTIC,
    REFERENCE,
    Absence,
    Facts,
    Findings,
    Measurement,
    Predictions,
    Subject,
    join,
)
from benchbench.scoring import answers as scoring
from benchbench.scoring.answers import Answers
from benchbench.scoring.outcomes import with_intervals
from benchbench.scoring.paired import score_change
from benchbench.studies.deployment.from_text import from_text, model_alone
from benchbench.studies.deployment.other_weights import KINDS, named, with_other_weights
from benchbench.studies.deployment.shipping import cold_starts, of_artefact
from benchbench.studies.efficiency.energy_costs import energy_costs
from benchbench.studies.efficiency.latencies import interval_measurement, measured_or_absent, of_times
from benchbench.studies.quality.experiment import Experiment
from benchbench.studies.quality.keeping import left_in, scratch_folder
from benchbench.studies.workers.deployment_worker import DeploymentAnswer, DeploymentRequest, deploy, joined, logits_of
from benchbench.targets import artefacts, catalogue
from benchbench.targets.artefacts import Preparing
from benchbench.targets.protocol import Job, Prepared, Shape, Target

if TYPE_CHECKING:
    from benchbench.suites.schema import Deployment

_CACHING = 1.10  # a repeated text that is faster than different ones by more than this was not computed again
MODEL = "model"
"""The folder in the scratch folder where the fine-tuned model lies."""

_TIMED = ("latency_p50", "throughput")


@dataclass(frozen=True)
class Deployable:
    """A fine-tuned model, and what it answers itself to each of its evaluation splits: `reference`."""

    experiment: Experiment
    reference: tuple[Predictions, ...]
    wanted: Deployment

    @property
    def subject(self) -> Subject:
        return self.experiment.subject


def on_targets(model: Deployable) -> Findings:
    """Scores, changes, agreement, speed, memory, energy and bytes of `model` on each target that it is deployed to.

    A target that cannot run here, or fails on the way, is absent with its reason; the others go on.
    """
    targets = [catalogue.find(place) for place in model.wanted.named]
    absences = []
    available = []
    for target in targets:
        if reason := catalogue.availability(target):
            absences.append(Absence(replace(model.subject, target=target.name), reason))
        else:
            available.append(target)
    with scratch_folder() as scratch:
        found = join(_of_targets(model, available, scratch)) if available else Findings()
    precisions = {target.name: str(target.precision) for target in available}
    return join([found, Findings((), tuple(absences), Facts(precisions=precisions))])


def _of_targets(model: Deployable, targets: Sequence[Target], scratch: Path) -> Iterator[Findings]:
    with forking.with_imports(catalogue.imports(targets, *model.experiment.preparing)) as call:
        preparing = _prepared(model, targets, scratch, call)
        prepared = {name: each.made for name, each in preparing.items() if isinstance(each.made, Prepared)}
        failed = {name: each.made for name, each in preparing.items() if isinstance(each.made, Missing)}
        others = with_other_weights(prepared, scratch) if model.wanted.other_weights else {}
        request = _request(model, prepared, others, scratch)
        opened_by = call if catalogue.imports(targets) else processes.call  # engines run without PyTorch beside them
        answers = _answered(request, model.wanted.processes, opened_by) if prepared else []
    scored = {name for answer in answers for name in answer.scored}
    failed |= {name: missing for answer in answers for name, missing in answer.failures.items()}
    for target in targets:
        subject = replace(model.subject, target=target.name)
        if target.name in scored:
            yield _scores(model, target.name, scratch)
            yield of_artefact(prepared[target.name], preparing[target.name].seconds, request, subject)
            yield cold_starts(prepared[target.name], request, subject, model.wanted.cold_starts)
        elif target.name in failed:
            yield Findings((), (Absence(subject, f"not measured: {failed[target.name].reason}"),))
    for answer in answers:
        yield _times(model, answer)
        yield _other_weights(model, answer)


def _prepared(
    model: Deployable, targets: Sequence[Target], scratch: Path, call: forking.Calls
) -> Mapping[str, Preparing]:
    """The artefacts by target, made from the fine-tuned model, or why there is none."""
    experiment = model.experiment
    source = left_in(scratch / MODEL, experiment)
    if isinstance(source, Missing):
        return {target.name: Preparing(source, None) for target in targets}
    shape = Shape(model.wanted.batch_size, experiment.longest)
    calibration = experiment.calibration() if any(target.calibrated for target in targets) else None
    jobs = [Job(source, target, shape, calibration) for target in targets]
    made = artefacts.prepare_timed(jobs, scratch / "prepared", call)
    return {target.name: each for target, each in zip(targets, made, strict=True)}


def _answered(request: DeploymentRequest, count: int, call: forking.Calls) -> Sequence[DeploymentAnswer]:
    """What `count` processes of all targets say. Where one dies, each target has processes of its own, and only those
    that die then have no answers; times of targets that answered apart are not paired.
    """
    try:
        first = call(deploy, request)
        again = replace(
            request,
            prepared={name: request.prepared[name] for name in first.scored},
            is_scored=True,
            energy_seconds=0.0,
        )
        numbers = range(1, count) if first.scored else ()
        return [joined(first, [call(deploy, replace(again, seed=again.seed + n)) for n in numbers])]
    except ChildFailed as error:
        if len(request.prepared) == 1:
            return [DeploymentAnswer((), (), dict.fromkeys(request.prepared, Missing(one_line(error))))]
    apart = (replace(request, prepared={name: one}, others={}) for name, one in request.prepared.items())
    return [answer for one in apart for answer in _answered(one, count, call)]


def _request(
    model: Deployable, prepared: Mapping[str, Prepared], others: Mapping[str, Prepared], scratch: Path
) -> DeploymentRequest:
    texts = model.experiment.texts(model.wanted.batch_size)
    wanted = -(-model.wanted.timed_examples // texts.batch_size)
    order = numpy.random.default_rng(model.experiment.parameters.seed).permutation(texts.batches)
    return DeploymentRequest(
        prepared=prepared,
        texts=texts,
        reading=model.experiment.reading(scratch / MODEL, texts.batch_size),
        timed=tuple(int(number) for number in order[:wanted]),
        seconds=model.wanted.seconds / model.wanted.processes,
        energy_seconds=READING_SECONDS if model.wanted.energy else 0.0,
        meter=MeterSettings(model.experiment.parameters.country),
        answers=scratch,
        seed=model.experiment.parameters.seed,
        others=others,
    )


def _scores(model: Deployable, target: str, scratch: Path) -> Findings:
    """On each split: every metric with its interval, the main metric's change and the agreement, both paired."""
    found: list[Measurement] = []
    given: list[Predictions] = []
    marking = model.experiment.marking
    for reference, there in zip(
        model.reference, model.experiment.split_apart(logits_of(scratch, target)).values(), strict=True
    ):
        before = Answers(reference.truth or (), reference.given[REFERENCE])
        subject = replace(model.subject, target=target, split=reference.split or None)
        count = len(there.given)
        for name, scored in with_intervals(scoring.outcomes(marking, there)).items():
            found.append(Measurement(subject, name, scored.value, Basis.MEASURED, count, scored.low, scored.high))
        change = score_change(marking, marking.metrics[0], [before], [there], same_training=True)
        found.append(Measurement(subject, "score_change", change.value, Basis.MEASURED, count, change.low, change.high))
        found.append(
            Measurement(subject, "agreement", scoring.agreement(marking, before, there), Basis.MEASURED, count)
        )
        given.append(replace(reference, given={target: tuple(there.given)}))
    return Findings(tuple(found), facts=Facts(predictions=tuple(given)))


def _times(model: Deployable, answer: DeploymentAnswer) -> Findings:
    """Latency, throughput, paired speedups over the first target with times, energy: on the same texts for all."""
    note = neighbours.note([rounds.disturbance for rounds in answer.rounds])
    first = next((name for name in answer.scored if not _not_what_was_scored(answer, name)), "")
    return join(_times_on(model, answer, name, first, note) for name in answer.scored)


def _times_on(model: Deployable, answer: DeploymentAnswer, name: str, first: str, note: str) -> Findings:
    size = model.wanted.batch_size
    subject = replace(model.subject, target=name, scenario="single-stream", lengths=REALISTIC, batch_size=size)
    if reason := _not_what_was_scored(answer, name):
        return Findings((), tuple(Absence(subject, reason, quantity) for quantity in _TIMED))
    times, width = model_alone(answer, name), model.experiment.parameters.interval_half_width
    queries = sum(len(r) for process in times for r in process)
    parts = [from_text(answer, name, subject, width, note, model.experiment.unread)]
    for quantity, found in of_times(times, size, len(times[0][0])).items():
        scenario = "offline" if quantity == "throughput" else "single-stream"
        parts.append(measured_or_absent(replace(subject, scenario=scenario), quantity, found, queries, width, note))
    if name != first:
        over = replace(subject, baseline=f"{subject.model} on {first}")
        parts.append(Findings((_ratio(answer, over, first, name, width, note),)))
    if energy := answer.energy.get(name):
        spent = energy_costs(
            energy.reading, energy.seconds, energy.examples, replace(subject, scenario="offline"), shared=energy.shared
        )
        parts.append(spent)
    return join(parts)


def _other_weights(model: Deployable, answer: DeploymentAnswer) -> Findings:
    """How many times faster the trained weights are than others in the same architecture, on each target."""
    note = neighbours.note([rounds.disturbance for rounds in answer.rounds])
    width, rows = model.experiment.parameters.interval_half_width, []
    for name in (name for name in answer.scored if not _not_what_was_scored(answer, name)):
        for kind in KINDS:
            if all(named(name, kind) in rounds.times for rounds in answer.rounds):
                subject = replace(model.subject, target=name, scenario="single-stream", lengths=REALISTIC)
                over = replace(subject, batch_size=model.wanted.batch_size, baseline=named(f"{subject.model}", kind))
                rows.append(_ratio(answer, over, named(name, kind), name, width, note))
    return Findings(tuple(rows))


def _ratio(
    answer: DeploymentAnswer, subject: Subject, baseline: str, candidate: str, width: float, note: str
) -> Measurement:
    times = model_alone(answer, candidate)
    faster = statistics.ratio(model_alone(answer, baseline), times)
    return interval_measurement(subject, "speedup", faster, sum(map(len, times)), width, note)


def _not_what_was_scored(answer: DeploymentAnswer, name: str) -> str | None:
    """Why the times of a target say nothing of what was scored there; None where they do."""
    if failed := answer.failures.get(name):
        return failed.reason
    repeated = answer.repeated.get(name)
    if repeated is not None and repeated.low > _CACHING:
        return f"a repeated text is answered {repeated.value:.2f} times as fast as different ones: it is not computed"
    return None
