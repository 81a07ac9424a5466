"""The training loop, as short as it can be.

Transformers' Trainer does the same with more work around each step, which is felt where a step takes milliseconds: a
model with a million parameters. A test holds both to the same losses, step by step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from benchbench.studies.training.batches import Batches
from benchbench.studies.training.lesson import Lesson, check_finite
from benchbench.suites.schema import Training

_LARGEST_GRADIENT = 1.0  # norm of all gradients together, as in the Trainer
_UNCHECKED_STEPS = 20  # on an accelerator: to read a loss is to wait for it


def run(lesson: Lesson, batches: Batches) -> float:
    """Fine-tune the lesson's model in place, where it lies; the mean loss of all steps.

    AdamW, fused; linear decay after warm-up; gradients clipped. Raises `TrainingDiverged`.
    """
    model, training = lesson.model.train(), lesson.training
    steps = math.ceil(training.epochs * math.ceil(len(batches) / training.batch_size))
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = _optimiser(parameters, training)
    schedule = LambdaLR(optimiser, lambda step: _share_of_rate(step, steps, training.warmup_fraction))
    forward = torch.compile(model) if training.compiled else model
    device = parameters[0].device
    unchecked = 1 if device.type == "cpu" else _UNCHECKED_STEPS
    total, losses = 0.0, []
    lesson.curve.begin(steps)
    for step, batch in enumerate(_steps(lesson, batches, steps, device), start=1):
        loss, _ = lesson.loss(forward, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(parameters, _LARGEST_GRADIENT)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
        losses.append(loss.detach())
        if len(losses) == unchecked or step == steps:
            found = torch.stack(losses)
            check_finite(found, step - len(losses) + 1)
            total, losses = total + float(found.sum()), []
        lesson.curve.after(step, step * training.batch_size)
    lesson.curve.end()
    return total / steps


def _steps(lesson: Lesson, batches: Batches, count: int, device: torch.device) -> Iterator[dict[str, torch.Tensor]]:
    """The batches of so many steps, on `device`."""
    columns, order, size = lesson.columns(), lesson.order(batches.lengths), lesson.training.batch_size
    while count > 0:
        numbers = list(order)
        for start in range(0, min(len(numbers), count * size), size):
            made = batches.batch(numbers[start : start + size])
            yield {name: _moved(tensor, device) for name, tensor in made.items() if name in columns}
            count -= 1


def _moved(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """On a GPU from memory that it reads itself, so that nobody waits for the copy."""
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)


def _optimiser(parameters: list[nn.Parameter], training: Training) -> AdamW:
    """Weights decay, biases and what normalises do not: those are vectors."""
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": training.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return AdamW(groups, lr=training.learning_rate, fused=True)


def _share_of_rate(step: int, steps: int, warmup_fraction: float) -> float:
    warmup = math.ceil(steps * warmup_fraction)
    return step / max(1, warmup) if step < warmup else max(0.0, (steps - step) / max(1, steps - warmup))
