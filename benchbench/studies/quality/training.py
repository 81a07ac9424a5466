"""The training loop: transformers' Trainer; as a rule on batches grouped by length, padded to their longest example."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import nn
from torch.utils.data import Sampler
from transformers import PreTrainedTokenizerBase, PrinterCallback, Trainer, TrainingArguments

from benchbench import machine
from benchbench.errors import InputError, Missing, TrainingDiverged
from benchbench.meters.energy import EnergyReading, MeterSettings, measure_energy
from benchbench.meters.torch_threads import torch_threads
from benchbench.models.dropout import FastDropout
from benchbench.models.logits import Logits, input_names
from benchbench.records import LearningPoint
from benchbench.studies.display import curve_table
from benchbench.studies.quality.learning_curve import LearningCurve
from benchbench.studies.quality.length_groups import LengthGrouped
from benchbench.suites.schema import Training
from benchbench.tasks.kinds import Kind

if TYPE_CHECKING:
    import datasets
    import numpy


TEACHER_LOGITS = "teacher_logits"


@dataclass(frozen=True)
class Trained:
    """A fine-tuned model and what that took.

    `seconds`: training alone, evaluations for the curve not counted, a teacher's answers counted in. `energy`: over
    the whole loop, evaluations counted in, the teacher not. `padding_waste`: padding tokens as a share of all tokens
    computed. `loss`: mean over training. `precision`: what 'auto' came to.
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
    teacher: str | None
    agreement: str | None

    def _repr_html_(self) -> str:
        return curve_table(self.curve)


@dataclass(frozen=True, slots=True)
class Teaching:
    """What a teacher adds: examples have its logits as `TEACHER_LOGITS`, and `loss(student, teacher)` has the share
    `weight` of the whole loss. `seconds`: how long it took to answer, before training. `agreement`: in words, how far
    its answers are the labels.
    """

    teacher: str
    seconds: float
    weight: float
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
    agreement: str


class PaddingCounter:
    """A collator that also counts what it pads."""

    def __init__(self, collator: Callable[[list[dict[str, Any]]], dict[str, Any]]) -> None:
        self._collator = collator
        self.tokens = 0
        self.padding = 0
        self.examples = 0

    def __call__(self, features: list[dict[str, Any]]) -> dict[str, Any]:
        real = sum(len(feature["input_ids"]) for feature in features)
        batch = self._collator(features)
        self.tokens += batch["input_ids"].numel()
        self.padding += batch["input_ids"].numel() - real
        self.examples += len(features)
        return batch


class CheckedTrainer(Trainer):
    """Stops at the first loss that is not a number: everything after it would be wasted and wrong.

    `sampler`: the order of the examples; None for a random one. `teaching`: how the loss takes a teacher's logits into
    account; None without a teacher. `unused`: what a tokenizer gives and the model does not take.
    """

    def __init__(
        self,
        *args: Any,
        sampler: Sampler[int] | None,
        teaching: Teaching | None,
        unused: frozenset[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._sampler = sampler
        self._teaching = teaching
        self._unused = unused

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        return self._sampler or super()._get_train_sampler(train_dataset)

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        inputs = {name: tensor for name, tensor in inputs.items() if name not in self._unused}
        if self._teaching is None:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        told = inputs.pop(TEACHER_LOGITS)
        loss, outputs = super().compute_loss(model, inputs, True, num_items_in_batch)
        share = self._teaching.weight
        loss = (1 - share) * loss + share * self._teaching.loss(outputs["logits"], told)
        return (loss, outputs) if return_outputs else loss

    def training_step(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        loss: torch.Tensor = super().training_step(*args, **kwargs)
        if not torch.isfinite(loss):
            step = self.state.global_step + 1
            raise TrainingDiverged(f"training diverged: the loss is {loss.item()} at step {step}; lower learning_rate")
        return loss


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

    AdamW (fused), linear decay after warm-up. With `teaching`, each example has its teacher's logits.
    Raises `TrainingDiverged`, and `InputError` for examples without them.
    """
    collator = PaddingCounter(
        kind.collator(tokenizer, training.max_length if training.padding == "max_length" else None)
    )
    curve = LearningCurve(score, training.evaluations, seconds_before=teaching.seconds if teaching else 0.0)
    precision = resolved(training.precision)
    with tempfile.TemporaryDirectory(prefix="benchbench-training-") as scratch, _fresh_memory_as_it_is():
        trainer = CheckedTrainer(
            model=model,
            args=_arguments(training, precision, seed, scratch, labels=_labels(examples, teaching)),
            data_collator=collator,
            train_dataset=examples,
            processing_class=tokenizer,
            callbacks=[curve],
            sampler=_sampler(training, examples, seed),
            teaching=teaching,
            unused=frozenset({"attention_mask", "token_type_ids"} - set(input_names(model))),
        )
        trainer.remove_callback(PrinterCallback)
        with torch_threads(machine.threads()), measure_energy(MeterSettings(country)) as meter, _dropout(training):
            result = trainer.train()
        trainer.accelerator.unwrap_model(model, keep_fp32_wrapper=False)  # else it would still be run in autocast
    return Trained(
        model=model.eval(),
        curve=tuple(curve.points),
        seconds=curve.training_seconds,
        energy=meter.reading(),
        examples=collator.examples,
        padding_waste=collator.padding / max(1, collator.tokens),
        loss=float(result.training_loss),
        precision=precision,
        teacher=teaching.teacher if teaching else None,
        agreement=teaching.agreement if teaching else None,
    )


def resolved(precision: Literal["fp32", "bf16", "auto"]) -> Literal["fp32", "bf16"]:
    """'auto' is bf16 where the GPU, or without one the CPU, computes it natively; elsewhere it would be slower."""
    if precision != "auto":
        return precision
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    return "fp32" if machine.lacks("bf16") else "bf16"


def predict(
    model: nn.Module, examples: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, batch_size: int
) -> list[numpy.ndarray]:
    """Logits of `model` for each of the tokenised `examples`, in their order: float32, see `kinds.Logits`.

    Examples are batched by length, so that little is computed on padding.
    """
    import numpy

    inputs = examples.select_columns([c for c in examples.column_names if c in tokenizer.model_input_names])
    order = numpy.argsort([len(ids) for ids in inputs["input_ids"]], kind="stable")
    training, device = model.training, next(model.parameters()).device
    model.eval()
    logits: list[numpy.ndarray] = [numpy.empty(0)] * len(order)
    with torch.inference_mode(), torch_threads(machine.threads()), _fresh_memory_as_it_is():
        for start in range(0, len(order), batch_size):
            numbers = order[start : start + batch_size]
            batch = tokenizer.pad([inputs[int(i)] for i in numbers], return_attention_mask=True, return_tensors="pt")
            for number, found in zip(numbers, _logits(model, _to(batch, device)), strict=True):
                logits[number] = found
    model.train(training)
    return logits


def _logits(model: nn.Module, batch: dict[str, torch.Tensor]) -> list[numpy.ndarray]:
    """One array an example, without what the model said about padding."""
    found = Logits(model)(**batch).float().cpu().numpy()
    if found.ndim == 2:
        return list(found)
    return [rows[mask] for rows, mask in zip(found, batch["attention_mask"].bool().cpu().numpy(), strict=True)]


def _to(batch: Mapping[str, torch.Tensor], device: torch.device) -> dict[str, torch.Tensor]:
    return {name: tensor.to(device) for name, tensor in batch.items()}


def _sampler(training: Training, examples: datasets.Dataset, seed: int) -> Sampler[int] | None:
    if not training.group_by_length:
        return None
    return LengthGrouped([len(ids) for ids in examples["input_ids"]], training.batch_size, seed)


def _dropout(training: Training) -> AbstractContextManager[object]:
    return FastDropout() if training.fast_dropout and not training.compiled else nullcontext()


@contextmanager
def _fresh_memory_as_it_is() -> Iterator[None]:
    """Deterministic torch fills fresh memory with NaN to find reads of it, at a price; its own kernels do not do it."""
    settings: Any = torch.utils.deterministic
    before = settings.fill_uninitialized_memory
    settings.fill_uninitialized_memory = False
    try:
        yield
    finally:
        settings.fill_uninitialized_memory = before


def _labels(examples: datasets.Dataset, teaching: Teaching | None) -> list[str] | None:
    """The columns that the loss takes beside the model's inputs; None for those of the model's head alone.

    Raises `InputError`.
    """
    if teaching is None:
        return None
    if TEACHER_LOGITS not in examples.column_names:
        raise InputError(
            f"the teacher {teaching.teacher} has not answered: the examples have no column {TEACHER_LOGITS}; "
            "studies.quality.distillation.teach adds it"
        )
    return ["labels", TEACHER_LOGITS]


def _arguments(
    training: Training, precision: str, seed: int, scratch: str, *, labels: list[str] | None
) -> TrainingArguments:
    return TrainingArguments(
        output_dir=scratch,
        num_train_epochs=training.epochs,
        learning_rate=training.learning_rate,
        per_device_train_batch_size=training.batch_size,
        warmup_steps=training.warmup_fraction,
        weight_decay=training.weight_decay,
        bf16=precision == "bf16",
        use_cpu=not torch.accelerator.is_available(),
        torch_compile=training.compiled,
        seed=seed,
        data_seed=seed,
        full_determinism=training.deterministic,
        label_names=labels,
        logging_strategy="no",
        save_strategy="no",
        eval_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )
