"""Fine-tuning: a model, its examples and a recipe in; the model, what it learned and what that took out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TYPE_CHECKING

import torch
from torch import nn

from benchbench import machine
from benchbench.errors import Missing
from benchbench.meters.energy import READING_SECONDS, EnergyReading, MeterSettings, measure_energy
from benchbench.meters.torch_threads import torch_threads
from benchbench.models.dropout import FastDropout
from benchbench.models.lowering import is_lowered
from benchbench.records import LearningPoint
from benchbench.studies.display import curve_table
from benchbench.studies.training import short_loop
from benchbench.studies.training.batches import Batches
from benchbench.studies.training.bf16_states import bf16_states, can_be_bf16
from benchbench.studies.training.learning_curve import LearningCurve
from benchbench.studies.training.lesson import Lesson, Teaching
from benchbench.studies.training.speed_ups import computes_bf16, speed_ups
from benchbench.studies.training.step_memory import fresh_memory_as_it_is, keeps_memory, memory_kept
from benchbench.suites.schema import Training
from benchbench.tasks.kinds import Kind

if TYPE_CHECKING:
    import datasets
    from transformers import PreTrainedTokenizerBase


@dataclass(frozen=True)
class Trained:
    """A fine-tuned model and what that took.

    `seconds`: training alone, evaluations for the curve not counted, a teacher's answers counted in. `energy`: over
    the whole loop, evaluations counted in, the teacher not; of a frozen encoder over its training again and again.
    `padding_waste`: padding tokens as a share of all tokens computed. `loss`: mean over training. `precision`: what
    'auto' came to. `speed_ups`: in words, those that acted.
    `agreement`: in words, how far a teacher's answers are the labels.
    """

    model: nn.Module = field(repr=False)
    curve: tuple[LearningPoint, ...]
    seconds: float
    energy: EnergyReading | Missing
    examples: int
    padding_waste: float
    loss: float
    precision: str
    speed_ups: tuple[str, ...]
    teacher: str | None
    agreement: str | None

    def _repr_html_(self) -> str:
        return f"{curve_table(self.curve)}<p>Trained with: {', '.join(self.speed_ups) or 'no speed-up'}.</p>"


def fine_tune(
    model: nn.Module,
    examples: datasets.Dataset,
    tokenizer: PreTrainedTokenizerBase,
    training: Training,
    *,
    kind: Kind,
    seed: int,
    score: Callable[[], float],
    country: str,
    teaching: Teaching | None = None,
) -> Trained:
    """Fine-tune `model` in place on tokenised `examples`; `score` gives the main metric of the model as it stands.

    AdamW (fused), linear decay after warm-up; of a frozen encoder `frozen_encoder` fits the last layer alone.
    With `teaching`, each example has its teacher's logits.
    Raises `TrainingDiverged`, and `InputError` for examples without them or with labels that no frozen encoder has.
    """
    device = torch.accelerator.current_accelerator() or torch.device("cpu")
    acting = speed_ups(
        training,
        device.type,
        lowered=is_lowered(model),
        native_bf16=computes_bf16(device.type),
        states_can_be_bf16=can_be_bf16(model),
        keeps_memory=keeps_memory(),
    )
    curve = LearningCurve(score, training.evaluations, seconds_before=teaching.seconds if teaching else 0.0)
    bf16 = acting.precision == "bf16"
    lesson = Lesson(model.to(device), examples, tokenizer, kind, training, seed, curve, bf16, teaching)
    batches = Batches.of(examples, lesson.columns(), tokenizer, token_label=kind.no_token_label, pad_to=lesson.pad_to)
    _seed(seed, training)
    with (
        fresh_memory_as_it_is(),
        torch_threads(machine.threads()),
        measure_energy(MeterSettings(country)) as meter,
        FastDropout() if acting.fast_dropout else nullcontext(),
        bf16_states(model) if acting.bf16_states else nullcontext(),
        memory_kept() if acting.memory_kept else nullcontext(),
    ):
        began, loop = perf_counter(), _loop(training)
        loss = loop(lesson, batches)
        _for_the_meter(lesson, loop, began)
    return Trained(
        model=model.eval(),
        curve=tuple(curve.points),
        seconds=curve.training_seconds,
        energy=meter.reading(),
        examples=batches.examples,
        padding_waste=batches.padding / max(1, batches.tokens),
        loss=loss,
        precision=acting.precision,
        speed_ups=acting.names,
        teacher=teaching.teacher if teaching else None,
        agreement=teaching.agreement if teaching else None,
    )


def _for_the_meter(lesson: Lesson, loop: Callable[[Lesson, Batches], float], began: float) -> None:
    """Go on until a power meter has read enough, where training was too short for it by half at most, or was that of a
    frozen encoder, which takes a second or two. What is trained meanwhile is thrown away; where that fails, as of too
    little memory for a copy, the reading stays too short, and training has succeeded all the same.
    """
    frozen = lesson.training.encoder == "frozen"
    if not frozen and perf_counter() - began < READING_SECONDS / 2:
        return
    columns, fill = lesson.columns(), lesson.kind.no_token_label
    with torch.random.fork_rng(), suppress(Exception):
        while perf_counter() - began < READING_SECONDS:
            model = lesson.model if frozen else deepcopy(lesson.model)
            once = lesson.training.model_copy(update={"epochs": 1})
            unseen = replace(lesson, model=model, training=once, curve=LearningCurve(lambda: 0.0, 0))
            loop(unseen, Batches.of(lesson.examples, columns, lesson.tokenizer, token_label=fill, pad_to=lesson.pad_to))


def _loop(training: Training) -> Callable[[Lesson, Batches], float]:
    if training.encoder == "frozen":
        from benchbench.studies.training import frozen_encoder  # scikit-learn takes a second to import

        return frozen_encoder.run
    if training.loop == "short":
        return short_loop.run
    from benchbench.studies.training import plain_trainer  # its libraries take seconds to import

    return plain_trainer.run


def _seed(seed: int, training: Training) -> None:
    """As the Trainer does it, of torch, numpy and Python, for the rest of this process."""
    from transformers.trainer_utils import enable_full_determinism, set_seed

    (enable_full_determinism if training.deterministic else set_seed)(seed)
