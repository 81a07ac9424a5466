"""Logit distillation: a fine-tuned teacher's answers to the training examples, and the loss that learns from them.

Hinton, Vinyals and Dean 2015, arXiv 1503.02531. The teacher answers once, before training, with its own tokenizer, so
that neither its vocabulary nor the number of epochs matters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy
import torch
from torch.nn.functional import kl_div, log_softmax, mse_loss, softmax

from benchbench import caches
from benchbench.errors import InputError
from benchbench.models import loading as models
from benchbench.models.source import ModelSource
from benchbench.places import is_file, is_folder
from benchbench.studies.quality.training import TEACHER_LOGITS, Teaching, predict
from benchbench.suites.schema import Distillation, Training
from benchbench.tasks.task import Task, TaskData
from benchbench.tasks.tokenization import tokenise

if TYPE_CHECKING:
    import datasets


def source_of(task: Task, distillation: Distillation) -> ModelSource:
    """The teacher of `task`. Raises `InputError` for a task whose answers are not one label or score an example."""
    if task.kind not in ("classification", "regression"):
        raise InputError(f"distillation is for classification and regression; {task.name} is {task.kind}")
    kind, _, folder = distillation.teacher.partition(":")
    if kind != "local":
        return ModelSource(distillation.teacher, "hub", num_labels=task.num_labels, lowered=True)
    place = Path(folder)
    named = place / task.name
    chosen = named if not is_file(place / "config.json") and is_folder(named) else place
    if not is_file(chosen / "config.json"):
        raise InputError(f"no teacher at {place}: neither config.json nor a folder {task.name} with one")
    return ModelSource(str(chosen), "hub", num_labels=task.num_labels, lowered=True)


def check(task: Task, distillation: Distillation) -> None:
    """Fail before anything runs when the teacher cannot be had. Raises `InputError` or `Unavailable`."""
    models.check(source_of(task, distillation))


def teach(
    data: TaskData, students: datasets.Dataset, training: Training, distillation: Distillation
) -> tuple[datasets.Dataset, Teaching]:
    """The student's tokenised examples `students` of `data.train` with what the teacher says about each, and how the
    loss takes that into account. Raises `InputError` or `Unavailable`.
    """
    source = source_of(data.task, distillation)
    started = perf_counter()
    order = _label_order(source, data.task)
    teacher, tokenizer = models.build(source), models.tokenizer(source)
    if torch.cuda.is_available():
        teacher = teacher.cuda()
    tokens = tokenise(data, tokenizer, training.max_length, caches.tokens()).train
    logits = numpy.stack(predict(teacher, tokens, tokenizer, training.batch_size))[:, order]
    examples = students.add_column(TEACHER_LOGITS, logits.astype("float32").tolist())
    return examples, Teaching(
        teacher=models.describe(source, teacher),
        seconds=perf_counter() - started,
        weight=distillation.weight,
        loss=loss(data.task, distillation.temperature),
    )


def loss(task: Task, temperature: float) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """Kullback-Leibler divergence of tempered distributions, times T² as Hinton et al. have it; squared error of
    scores for a regression."""
    if task.kind == "regression":
        return lambda student, teacher: mse_loss(student.float().reshape(-1), teacher.reshape(-1))

    def divergence(student: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
        told = softmax(teacher / temperature, dim=-1)
        said = log_softmax(student.float() / temperature, dim=-1)
        return kl_div(said, told, reduction="batchmean") * temperature**2

    return divergence


def _label_order(source: ModelSource, task: Task) -> Sequence[int]:
    """Where the teacher has each of the task's labels: by name where its configuration names them, else as they come.

    Raises `InputError` when its head is not one for this task: loading would then draw a random one.
    """
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(models.locate(source), trust_remote_code=False)
    fine_tuned = any(name.endswith("ForSequenceClassification") for name in config.architectures or ())
    if not fine_tuned or config.num_labels != task.num_labels:
        raise InputError(
            f"the teacher {source.name} is no classifier with {task.num_labels} labels; fine-tune it on {task.name}"
        )
    names = [_plain(str(config.id2label[number])) for number in range(task.num_labels)]
    wanted = [_plain(label) for label in task.labels]
    if sorted(names) == sorted(wanted):
        return [names.index(label) for label in wanted]
    return list(range(task.num_labels))


def _plain(label: str) -> str:
    return label.lower().replace("-", "_").replace(" ", "_")
