"""Fine-tune a model on a task and evaluate it: quality, and what training cost.

What `notebooks/quality.ipynb` calls, in this order: `load`, `train`, `evaluate`, `findings`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy

from benchbench.meters.energy import EnergyReading, emissions_g
from benchbench.models import loading as models
from benchbench.models.source import ModelSource
from benchbench.quantities import Basis
from benchbench.records import ONE_ANSWER, Absence, Findings, Measurement, Subject, join
from benchbench.runs import predictions
from benchbench.studies.display import Shown
from benchbench.studies.quality import test_splits
from benchbench.studies.quality.distillation import teach
from benchbench.studies.quality.tokenizers import tokenizer_for
from benchbench.studies.quality.training import Trained, fine_tune, predict
from benchbench.suites.schema import QualityParameters
from benchbench.tasks import custom, fingerprint, kinds, metrics, registry, sources
from benchbench.tasks.task import TaskData
from benchbench.tasks.tokenization import TokenisedTask, default_cache, tokenise

if TYPE_CHECKING:
    import datasets
    from torch import nn
    from transformers import PreTrainedTokenizerBase

_CURVE_EXAMPLES = 1000  # evaluation examples for a point on the learning curve: enough to see its shape


@dataclass(frozen=True)
class Experiment:
    """A task's examples, tokenised for a model that is about to be trained."""

    parameters: QualityParameters
    data: TaskData
    tokens: TokenisedTask
    tokenizer: PreTrainedTokenizerBase
    tokenizer_origin: str
    model: nn.Module
    weights: str

    @property
    def subject(self) -> Subject:
        p = self.parameters
        return Subject(
            model=ModelSource(p.model).name,
            weights=self.weights,
            task=p.task,
            data=self.data.origin,
            seed=p.seed,
            recipe=p.recipe,
        )

    def _repr_html_(self) -> str:
        from html import escape

        splits = ", ".join(f"{name}: {len(split):,}" for name, split in self.data.evaluation.items())
        facts = {
            "task": f"{self.data.task.title} ({self.data.origin})",
            "training examples": f"{len(self.data.train):,}",
            "evaluation examples": splits,
            "model": f"{self.parameters.model}, weights: {self.weights}",
            "tokenizer": self.tokenizer_origin,
        }
        rows = "".join(f"<tr><th>{escape(key)}</th><td>{escape(value)}</td></tr>" for key, value in facts.items())
        return f"<table>{rows}</table>"


def load(**parameters: object) -> Experiment:
    """Load a task's examples and a model to train (parameters: `QualityParameters`).

    Raises `InputError` or `Unavailable` when one of them cannot be had.
    """
    p = QualityParameters.model_validate(parameters)
    examples = custom.load(p.task, p.custom) if p.custom else sources.load(registry.find(p.task), p.data)
    if p.training.examples is not None:
        examples = _fewer(examples, p.training.examples, p.seed)
    task = examples.task
    source = ModelSource(
        p.model,
        p.weights,
        head=kinds.of(task).head,
        num_labels=task.num_labels,
        seed=p.seed,
        lowered=p.training.lowered,
    )
    tokenizer, origin = tokenizer_for(source, examples)
    model = models.build(source)
    return Experiment(
        parameters=p,
        data=examples,
        tokens=tokenise(examples, tokenizer, p.training.max_length, default_cache()),
        tokenizer=tokenizer,
        tokenizer_origin=origin,
        model=model,
        weights=models.describe(source, model),
    )


def train(experiment: Experiment) -> Trained:
    """Fine-tune the experiment's model in place, with a teacher where the recipe has one."""
    p = experiment.parameters
    examples, teaching = experiment.tokens.train, None
    if p.training.distillation:
        examples, teaching = teach(experiment.data, examples, p.training, p.training.distillation)
    return fine_tune(
        experiment.model,
        examples,
        experiment.tokenizer,
        p.training,
        kind=kinds.of(experiment.data.task),
        seed=p.seed,
        score=lambda: _score_so_far(experiment),
        country=p.country,
        teaching=teaching,
    )


def evaluate(experiment: Experiment, trained: Trained) -> Shown:
    """Score the trained model on every evaluation split, each metric with a 95 % interval."""
    measurements = []
    splits = experiment.data.evaluation
    for name, split in splits.items():
        subject = replace(experiment.subject, part=name if len(splits) > 1 else None)
        outcomes = _outcomes(experiment, split, experiment.tokens.evaluation[name])
        note = ONE_ANSWER if outcomes.one_answer else ""
        for quantity, scored in metrics.with_intervals(outcomes).items():
            measurements.append(
                Measurement(
                    subject,
                    quantity,
                    scored.value,
                    Basis.MEASURED,
                    len(split),
                    scored.ci_low,
                    scored.ci_high,
                    note=note,
                )
            )
    return Shown(Findings(tuple(measurements)))


def findings(experiment: Experiment, trained: Trained, evaluated: Shown) -> Shown:
    """Everything that the record of this run holds."""
    p = experiment.parameters
    facts = _facts(experiment, trained)
    if p.predict_test:
        facts[predictions.FACT] = test_splits.predict_tests(
            experiment.model, experiment.data.task, p.data, experiment.tokenizer, p.training
        )
    return Shown(join([evaluated.findings, _cost(experiment, trained), Findings((), facts=facts)]))


def _cost(experiment: Experiment, trained: Trained) -> Findings:
    """What training took. Its energy is the loop's mean power times the time spent training."""
    subject = experiment.subject

    def measured(quantity: str, value: float, basis: Basis = Basis.MEASURED, note: str = "") -> Measurement:
        return Measurement(subject, quantity, value, basis, note=note)

    found = [
        measured("train_time", trained.seconds),
        measured("train_throughput", trained.examples / trained.seconds),
        measured("train_examples", trained.examples, Basis.COUNTED),
        measured("train_padding_waste", trained.padding_waste, Basis.COUNTED),
        measured("train_loss", trained.loss),
    ]
    energy = trained.energy
    if not isinstance(energy, EnergyReading):
        return Findings(tuple(found), (Absence(replace(subject, part="training energy"), energy.reason),))
    joules = energy.joules / energy.seconds * trained.seconds
    grams = emissions_g(joules, energy.country)
    found += [
        measured("train_energy", joules, energy.basis, energy.explanation),
        measured("train_emissions", grams, energy.basis, energy.explanation),
    ]
    return Findings(tuple(found))


def _facts(experiment: Experiment, trained: Trained) -> dict[str, object]:
    return {
        "training": experiment.parameters.training.model_dump(mode="json"),
        "tokenizer": experiment.tokenizer_origin,
        "data_fingerprint": experiment.data.fingerprint,
        "data_notes": list(experiment.data.notes),
        "main_metric": experiment.data.task.metrics[0],
        "learning_curve": _curve(trained),
        "precision": trained.precision,
        "teacher": trained.teacher,
    }


def _curve(trained: Trained) -> list[dict[str, float]]:
    """The learning curve with what each point had cost; without energy, no emissions."""
    points = [asdict(point) for point in trained.curve]
    if isinstance(trained.energy, EnergyReading):
        watts, country = trained.energy.joules / trained.energy.seconds, trained.energy.country
        return [{**point, "emissions_g": emissions_g(watts * point["seconds"], country)} for point in points]
    return points


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


def _score_so_far(experiment: Experiment) -> float:
    """The main metric on (at most the first thousand examples of) the first evaluation split."""
    name, examples = next(iter(experiment.data.evaluation.items()))
    tokens = experiment.tokens.evaluation[name]
    if len(examples) > _CURVE_EXAMPLES:
        examples = examples.select(range(_CURVE_EXAMPLES))
        tokens = kinds.first(tokens, _CURVE_EXAMPLES)
    return _outcomes(experiment, examples, tokens).scores()[experiment.data.task.metrics[0]]


def _outcomes(experiment: Experiment, examples: datasets.Dataset, tokens: datasets.Dataset) -> metrics.Outcomes:
    logits = predict(experiment.model, tokens, experiment.tokenizer, experiment.parameters.training.batch_size)
    task = experiment.data.task
    return kinds.of(task).outcomes(task, examples, tokens, logits)
