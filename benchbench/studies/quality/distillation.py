"""Logit distillation: a fine-tuned teacher's answers to the training examples, and the loss that learns from them.

Hinton, Vinyals and Dean 2015, arXiv 1503.02531. The teacher answers once, before training, with its own tokenizer, so
that neither its vocabulary nor the number of epochs matters.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

import numpy
import torch
from torch.nn.functional import kl_div, log_softmax, mse_loss, softmax

from benchbench import caches
from benchbench.models import loading as models
from benchbench.studies.quality.teachers import label_order, source_of
from benchbench.studies.training.lesson import TEACHER_LOGITS, Teaching
from benchbench.studies.training.prediction import predict
from benchbench.suites.schema import Distillation, Training
from benchbench.tasks.task import Task, TaskData
from benchbench.tasks.tokenization import tokenise

if TYPE_CHECKING:
    import datasets


def teach(
    data: TaskData, students: datasets.Dataset, training: Training, distillation: Distillation
) -> tuple[datasets.Dataset, Teaching]:
    """The student's tokenised examples `students` of `data.train` with what the teacher says about each, and how the
    loss takes that into account. Raises `InputError` or `Unavailable`.
    """
    source = source_of(data.task, distillation)
    started = perf_counter()
    order = label_order(source, data.task, distillation)
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
        agreement=agreement(data, logits),
    )


def agreement(data: TaskData, logits: numpy.ndarray) -> str:
    """How far the teacher's answers `logits`, (examples, labels), are the labels of the training examples."""
    labels = numpy.asarray(data.train["label"])
    if data.task.kind == "regression":
        with numpy.errstate(invalid="ignore"):
            r = float(numpy.corrcoef(logits[:, 0], labels)[0, 1]) if len(labels) > 1 else float("nan")
        return (
            "the teacher gives every training example one score"
            if numpy.isnan(r)
            else (f"the teacher's scores of the training examples correlate with their labels: Pearson {r:.3f}")
        )
    return f"the teacher gives {_share_right(logits, labels):.1%} of the training examples their label"


def _share_right(logits: numpy.ndarray, labels: numpy.ndarray) -> float:
    return float((logits.argmax(axis=1) == labels).mean())


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
