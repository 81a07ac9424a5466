"""A linear model of a task's own texts, as a quality study has it: fitted in seconds, with no encoder at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import cast

import datasets
import numpy

from benchbench.errors import InputError, Missing, one_line
from benchbench.meters.energy import READING_SECONDS, EnergyReading, MeterSettings, measure_energy
from benchbench.models import linear_text
from benchbench.models.linear_text import Answer, LinearText
from benchbench.models.source import ModelSource
from benchbench.places import bare, local
from benchbench.records import FITTED, LearningPoint
from benchbench.scoring.answers import Answers
from benchbench.studies.quality.experiment import Experiment
from benchbench.suites.schema import QualityParameters
from benchbench.targets.texts import Written
from benchbench.tasks.kinds import sequence_classification
from benchbench.tasks.task import Task, TaskData


@dataclass(frozen=True)
class LinearExperiment(Experiment):
    """A task's examples and the linear model that is fitted to them; `fitted` is empty before that."""

    fitted: list[LinearText] = field(default_factory=list)

    @property
    def model(self) -> LinearText:
        return self.fitted[-1]

    def answers(self) -> Mapping[str, Answers]:
        return {name: self.marked(name, self._logits(split)) for name, split in self.data.evaluation.items()}

    def _logits(self, examples: datasets.Dataset) -> list[numpy.ndarray]:
        return list(self.model.logits(sequence_classification.written(examples)))

    def count(self, split: str) -> int:
        return len(self.data.evaluation[split])

    def marked(self, split: str, logits: Sequence[numpy.ndarray]) -> Answers:
        examples = self.data.evaluation[split]
        return sequence_classification.answers(self.data.task, examples, examples, logits)

    def texts(self, batch_size: int) -> Written:
        splits = self.data.evaluation.values()
        return Written(tuple(text for split in splits for text in sequence_classification.written(split)), batch_size)

    def save(self, folder: Path) -> ModelSource:
        self.model.save(folder)
        return ModelSource(bare(folder), local(folder), num_labels=self.data.task.num_labels)

    def predicted_test(self, task: Task, examples: datasets.Dataset) -> list[numpy.ndarray]:
        return self._logits(examples)


@dataclass(frozen=True)
class Fitted:
    """What fitting took. `seconds`: the median of the times that it was done; `energy`: of all of them."""

    seconds: float
    energy: EnergyReading | Missing
    examples: int
    times: int
    precision: str = "fp32"
    speed_ups: tuple[str, ...] = ()
    teacher: None = None
    curve: tuple[LearningPoint, ...] = ()
    agreement: None = None

    def _repr_html_(self) -> str:
        return f"<p>Fitted {self.times} times, to meter it; the median took {self.seconds:.2f} s.</p>"


def load(p: QualityParameters, examples: TaskData) -> LinearExperiment:
    """The experiment, before its model is fitted. Raises `InputError` for a task that it cannot be fitted to."""
    task = examples.task
    linear_text.check(p.model.name, task.name, task.kind, trained=p.training is not None)
    return LinearExperiment(p, examples, FITTED, "none: words and characters as they are")


def fit(experiment: LinearExperiment) -> Fitted:
    """Fit the model to all training examples, again and again until a reading of energy is long enough."""
    train = experiment.data.train
    texts, labels = sequence_classification.written(train), list(train["label"])
    seconds: list[float] = []
    with measure_energy(MeterSettings(experiment.parameters.country)) as meter:
        while sum(seconds) < READING_SECONDS:
            start = perf_counter()
            experiment.fitted[:] = [_fitted(texts, labels, experiment)]
            seconds.append(perf_counter() - start)
    return Fitted(median(seconds), meter.reading(), len(train), len(seconds))


def _fitted(texts: Sequence[Sequence[str]], labels: Sequence[object], experiment: LinearExperiment) -> LinearText:
    task, name = experiment.data.task, experiment.parameters.model.name
    try:
        return linear_text.fit(texts, labels, cast("Answer", task.kind))
    except ValueError as error:
        raise InputError(f"{name} cannot be fitted to {task.name}: {one_line(error)}") from error
