"""One training: the model, the examples it learns from, and the loss of a batch of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.utils.data import Sampler

from benchbench.errors import InputError, TrainingDiverged
from benchbench.models.logits import input_names
from benchbench.studies.training.learning_curve import LearningCurve
from benchbench.studies.training.length_groups import LengthGrouped
from benchbench.suites.schema import Training
from benchbench.tasks.kinds import Kind

if TYPE_CHECKING:
    import datasets
    from transformers import PreTrainedTokenizerBase

TEACHER_LOGITS = "teacher_logits"


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


@dataclass(frozen=True)
class Lesson:
    """`examples`: tokenised. `curve`: is told of each step. `bf16`: the loss is computed in autocast.

    `teaching`: None without a teacher.
    """

    model: nn.Module
    examples: datasets.Dataset
    tokenizer: PreTrainedTokenizerBase
    kind: Kind
    training: Training
    seed: int
    curve: LearningCurve
    bf16: bool = False
    teaching: Teaching | None = None

    @property
    def pad_to(self) -> int | None:
        return self.training.max_length if self.training.padding == "max_length" else None

    def columns(self) -> frozenset[str]:
        """The columns of a batch that count: the model's inputs and labels, and a teacher's logits.

        Raises `InputError` for examples that lack those.
        """
        taken = set(inspect.signature(self.model.forward).parameters)
        taken -= {"attention_mask", "token_type_ids"} - set(input_names(self.model))
        if self.teaching is None:
            return frozenset(taken)
        if TEACHER_LOGITS not in self.examples.column_names:
            raise InputError(
                f"the teacher {self.teaching.teacher} has not answered: the examples have no column {TEACHER_LOGITS}; "
                "studies.quality.distillation.teach adds it"
            )
        return frozenset(taken | {TEACHER_LOGITS})

    def order(self, lengths: Any) -> Sampler[int]:
        """The numbers of all examples, of so many tokens each, epoch after epoch in another order."""
        if self.training.group_by_length:
            return LengthGrouped(lengths, self.training.batch_size, self.seed)
        return Shuffled(len(lengths), self.seed)

    def loss(self, model: Callable[..., Any], batch: dict[str, Any]) -> tuple[torch.Tensor, Any]:
        """The loss of a batch of `columns`, and what the model said."""
        told = batch.pop(TEACHER_LOGITS, None)
        with torch.autocast(batch["input_ids"].device.type, torch.bfloat16, enabled=self.bf16):
            outputs = model(**batch)
        if self.teaching is None:
            return outputs.loss, outputs
        share = self.teaching.weight
        return (1 - share) * outputs.loss + share * self.teaching.loss(outputs.logits, told), outputs


class Shuffled(Sampler[int]):
    """All of `count` examples in random order, another each epoch, decided by `seed`."""

    def __init__(self, count: int, seed: int) -> None:
        self._count = count
        self._random = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        yield from torch.randperm(self._count, generator=self._random).tolist()


def check_finite(losses: torch.Tensor, first_step: int) -> None:
    """Raise `TrainingDiverged` at the first loss that is not a number: everything after it would be wasted and wrong.

    `losses`: of one step after the other, from `first_step` on.
    """
    finite = losses.isfinite()
    if not finite.all():
        which = int(finite.long().argmin())
        said = f"the loss is {losses[which].item()} at step {first_step + which}"
        raise TrainingDiverged(f"training diverged: {said}; lower learning_rate")
