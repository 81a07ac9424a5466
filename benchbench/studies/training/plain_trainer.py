"""Training by transformers' Trainer as it comes: what most scripts do, and what the short loop is held to."""

from __future__ import annotations

import tempfile
from typing import Any

import torch
from torch import nn
from torch.utils.data import Sampler
from transformers import (
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from benchbench.studies.training.batches import Batches
from benchbench.studies.training.learning_curve import LearningCurve
from benchbench.studies.training.lesson import TEACHER_LOGITS, Lesson, check_finite


class CheckedTrainer(Trainer):
    """Counts what it pads, and stops at the first loss that is not a number."""

    def __init__(self, *args: Any, lesson: Lesson, batches: Batches, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lesson, self._columns = lesson, lesson.columns()
        self._order = lesson.order(batches.lengths)

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        return self._order

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        loss, outputs = self._lesson.loss(model, {name: inputs[name] for name in inputs if name in self._columns})
        return (loss, outputs) if return_outputs else loss

    def training_step(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        loss: torch.Tensor = super().training_step(*args, **kwargs)
        check_finite(loss.reshape(1), self.state.global_step + 1)
        return loss


class CurveCallback(TrainerCallback):
    """Tells a learning curve of each step."""

    def __init__(self, curve: LearningCurve) -> None:
        self._curve = curve

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._curve.begin(state.max_steps)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._curve.after(state.global_step, state.global_step * args.train_batch_size)

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._curve.end()


def run(lesson: Lesson, batches: Batches) -> float:
    """As `short_loop.run`; `batches` is told what the Trainer's own collator pads."""
    collator = lesson.kind.collator(lesson.tokenizer, lesson.pad_to)

    def counted(features: list[dict[str, Any]]) -> dict[str, Any]:
        batch = collator(features)
        batches.count(len(features), batch["input_ids"].numel(), sum(len(row["input_ids"]) for row in features))
        return batch

    with tempfile.TemporaryDirectory(prefix="benchbench-training-") as scratch:
        trainer = CheckedTrainer(
            model=lesson.model,
            args=_arguments(lesson, scratch),
            data_collator=counted,
            train_dataset=lesson.examples,
            processing_class=lesson.tokenizer,
            callbacks=[CurveCallback(lesson.curve)],
            lesson=lesson,
            batches=batches,
        )
        trainer.remove_callback(PrinterCallback)
        return float(trainer.train().training_loss)


def _arguments(lesson: Lesson, scratch: str) -> TrainingArguments:
    training = lesson.training
    return TrainingArguments(
        output_dir=scratch,
        num_train_epochs=training.epochs,
        learning_rate=training.learning_rate,
        per_device_train_batch_size=training.batch_size,
        warmup_steps=training.warmup_fraction,
        weight_decay=training.weight_decay,
        use_cpu=not torch.accelerator.is_available(),
        torch_compile=training.compiled,
        seed=lesson.seed,
        data_seed=lesson.seed,
        full_determinism=training.deterministic,
        label_names=["labels", TEACHER_LOGITS] if lesson.teaching else None,
        logging_strategy="no",
        save_strategy="no",
        eval_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )
