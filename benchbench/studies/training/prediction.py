"""What a model as it stands says of tokenised texts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy
import torch
from torch import nn

from benchbench import machine
from benchbench.meters.torch_threads import torch_threads
from benchbench.models.logits import Logits
from benchbench.studies.training.batches import Batches

if TYPE_CHECKING:
    import datasets
    from transformers import PreTrainedTokenizerBase


def predict(
    model: nn.Module, examples: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, batch_size: int
) -> list[numpy.ndarray]:
    """Logits of `model` for each of the tokenised `examples`, in their order: float32, see `kinds.Logits`.

    Examples are batched by length, so that little is computed on padding. Whatever the model is trained in, it answers
    in the precision of its weights.
    """
    batches = Batches.of(examples, tokenizer.model_input_names, tokenizer)
    order: list[int] = numpy.argsort(batches.lengths, kind="stable").tolist()
    training, device = model.training, next(model.parameters()).device
    answer = Logits(model.eval())
    logits: list[numpy.ndarray] = [numpy.empty(0)] * len(order)
    with torch.inference_mode(), torch_threads(machine.threads()), fresh_memory_as_it_is():
        for start in range(0, len(order), batch_size):
            numbers = order[start : start + batch_size]
            for number, found in zip(numbers, _answers(answer, batches.batch(numbers), device), strict=True):
                logits[number] = found
    model.train(training)
    return logits


def _answers(model: Logits, batch: dict[str, torch.Tensor], device: torch.device) -> list[numpy.ndarray]:
    """One array an example, without what the model said about padding."""
    found = model(**{name: tensor.to(device) for name, tensor in batch.items()}).float().cpu().numpy()
    if found.ndim == 2:
        return list(found)
    return [rows[mask] for rows, mask in zip(found, batch["attention_mask"].bool().numpy(), strict=True)]


@contextmanager
def fresh_memory_as_it_is() -> Iterator[None]:
    """Deterministic torch fills fresh memory with NaN to find reads of it, at a price; its own kernels do not do it."""
    settings: Any = torch.utils.deterministic
    before = settings.fill_uninitialized_memory
    settings.fill_uninitialized_memory = False
    try:
        yield
    finally:
        settings.fill_uninitialized_memory = before
