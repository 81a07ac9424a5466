"""Train a model on a task, or take a fine-tuned one as it is, and evaluate it: quality, and what training cost.

What `notebooks/quality.ipynb` calls, in this order: `load`, `train`, `evaluate`, `deploy`, `cost`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy

from benchbench.meters.energy import EnergyReading, emissions_g
from benchbench.models import zoo
from benchbench.quantities import Basis
from benchbench.records import (
    REFERENCE,
    Absence,
    Facts,
    Findings,
    Measurement,
    Predictions,
    Subject,
    TrainingFacts,
    join,
)
from benchbench.scoring import answers
from benchbench.scoring.answers import Answers, outcomes
from benchbench.scoring.outcomes import with_intervals
from benchbench.studies.deployment.on_targets import Deployable, on_targets
from benchbench.studies.quality import encoders, linear, test_splits
from benchbench.studies.quality.experiment import EncoderExperiment, Experiment
from benchbench.studies.quality.keeping import keep
from benchbench.studies.quality.linear import Fitted, LinearExperiment
from benchbench.studies.quality.scored_as_it_is import NotTrained
from benchbench.studies.training.fine_tuning import Trained
from benchbench.suites.schema import QualityParameters
from benchbench.tasks import custom, fingerprint, registry, sources
from benchbench.tasks.task import TaskData

ONE_ANSWER = "the same answer to every example: it has not learned the task"
"""The note of a score that says nothing about the model."""


def load(**parameters: object) -> Experiment:
    """Load a task's examples and a model to train or to score as it is (parameters: `QualityParameters`).

    Raises `InputError` or `Unavailable` when one of them cannot be had.
    """
    p = QualityParameters.model_validate(parameters)
    examples = custom.load(p.task, p.custom) if p.custom else sources.load(registry.find(p.task), p.data)
    if p.training and p.training.examples is not None:
        examples = _fewer(examples, p.training.examples, p.seed)
    return linear.load(p, examples) if zoo.is_linear(p.model) else encoders.load(p, examples)


def train(experiment: Experiment) -> Trained | Fitted | NotTrained:
    """Fine-tune the experiment's model in place, with a teacher where the recipe has one; or leave it as it is."""
    if isinstance(experiment, LinearExperiment):
        return linear.fit(experiment)
    assert isinstance(experiment, EncoderExperiment)
    return encoders.train(experiment)


def evaluate(experiment: Experiment) -> Findings:
    """Score the model as it stands on every evaluation split, each metric with a 95 % interval, in PyTorch and fp32."""
    splits = experiment.answers()
    return join(_scores(experiment, "" if len(splits) == 1 else split, given) for split, given in splits.items())


def _scores(experiment: Experiment, split: str, answered: Answers) -> Findings:
    outcome = outcomes(experiment.marking, answered)
    note = ONE_ANSWER if outcome.one_answer else ""
    subject, count = replace(experiment.subject, split=split or None), len(answered.given)
    rows = tuple(
        Measurement(subject, name, scored.value, Basis.MEASURED, count, scored.low, scored.high, note=note)
        for name, scored in with_intervals(outcome).items()
    )
    given = Predictions(experiment.parameters.task, split, tuple(answered.truth), {REFERENCE: tuple(answered.given)})
    return Findings((*rows, *_cut(experiment, split, subject)), facts=Facts(predictions=(given,)))


def _cut(experiment: Experiment, split: str, subject: Subject) -> Iterator[Measurement]:
    name = split or next(iter(experiment.data.evaluation))
    share = experiment.truncated_share(name)
    if share is not None:
        yield Measurement(subject, "truncated_share", share, Basis.COUNTED, len(experiment.data.evaluation[name]))


def deploy(experiment: Experiment, evaluated: Findings) -> Findings:
    """Score, time and weigh the model as it stands on each target that the parameters name; nothing without any."""
    wanted = experiment.parameters.deploy
    if wanted is None:
        return Findings()
    return on_targets(Deployable(experiment, evaluated.facts.predictions, wanted))


def cost(experiment: Experiment, trained: Trained | Fitted | NotTrained, evaluated: Findings) -> Findings:
    """What training took, with the facts of it that a reader of a score may ask about.

    And, where they were asked for, the model's predictions of the task's test sets; and the model itself is kept.
    """
    p = experiment.parameters
    predicted: tuple[Predictions, ...] = ()
    if p.predict_test:
        predicted = test_splits.predict_tests(experiment)
    one_answer = any(measurement.note == ONE_ANSWER for measurement in evaluated.measurements)
    training = _facts(experiment, trained, one_answer)
    if isinstance(trained, NotTrained):
        return Findings(facts=Facts(training, predictions=predicted))
    training = replace(training, not_kept=keep(experiment))
    return join([_spent(experiment, trained), Findings(facts=Facts(training, predictions=predicted))])


def _spent(experiment: Experiment, trained: Trained | Fitted) -> Findings:
    """Time, examples, loss and energy of training; the energy is the loop's mean power times the time it trained."""
    subject = experiment.subject

    def measured(quantity: str, value: float, basis: Basis = Basis.MEASURED, note: str = "") -> Measurement:
        return Measurement(subject, quantity, value, basis, note=note)

    found = [
        measured("train_time", trained.seconds),
        measured("train_throughput", trained.examples / trained.seconds),
        measured("train_examples", trained.examples, Basis.COUNTED),
    ]
    if isinstance(trained, Trained):
        found.append(measured("train_padding_waste", trained.padding_waste, Basis.COUNTED))
        found.append(measured("train_loss", trained.loss))
    energy = trained.energy
    if not isinstance(energy, EnergyReading):
        return Findings(tuple(found), (Absence(subject, energy.reason, "train_energy"),))
    joules = energy.watts * trained.seconds
    grams = emissions_g(joules, energy.country)
    found += [
        measured("train_energy", joules, energy.basis, energy.explanation),
        measured("train_emissions", grams, energy.basis, energy.explanation),
    ]
    return Findings(tuple(found))


def _facts(experiment: Experiment, trained: Trained | Fitted | NotTrained, one_answer: bool) -> TrainingFacts:
    data = experiment.data
    said = str(trained) if isinstance(trained, NotTrained) else trained.agreement
    return TrainingFacts(
        marking=experiment.marking,
        tokenizer=experiment.reads,
        precision=trained.precision,
        speed_ups=trained.speed_ups,
        teacher=trained.teacher,
        learning_curve=trained.curve,
        one_answer=one_answer and not isinstance(trained, NotTrained),
        data_fingerprint=data.fingerprint,
        data_notes=(*data.notes, *answers.notes(experiment.marking), *((said,) if said else ()), *experiment.notes),
    )


def _fewer(examples: TaskData, count: int, seed: int) -> TaskData:
    """At most `count` training examples, drawn by `seed`."""
    import datasets

    if count >= len(examples.train):
        return examples
    drawn = numpy.random.default_rng(seed).permutation(len(examples.train))[:count]
    train = datasets.Dataset.from_dict(examples.train[sorted(drawn.tolist())])
    note = f"trained on {count} of {len(examples.train)} examples"
    fewer = fingerprint.of(train, examples.evaluation)
    return replace(examples, train=train, fingerprint=fewer, notes=(*examples.notes, note))
