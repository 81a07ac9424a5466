"""What a model as it stands says of tokenised texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy
import torch
from torch import nn

from benchbench import machine
from benchbench.meters.torch_threads import torch_threads
from benchbench.models.logits import Logits
from benchbench.studies.training.batches import Batches
from benchbench.studies.training.step_memory import fresh_memory_as_it_is

if TYPE_CHECKING:
    import datasets
    from transformers import PreTrainedTokenizerBase


def predict(
    model: nn.Module, examples: datasets.Dataset, tokenizer: PreTrainedTokenizerBase, batch_size: int
) -> list[numpy.ndarray]:
    """Logits of `model` for each of the tokenised `examples`, in their order: float32, see `kinds.Logits`.

    Examples are batched by length, so that little is computed on padding; nothing where the model's answers depend on
    it (`reads_padding`). Whatever the model is trained in, it answers in the precision of its weights.
    """
    batches = Batches.of(examples, tokenizer.model_input_names, tokenizer)
    order: list[int] = numpy.argsort(batches.lengths, kind="stable").tolist()
    training, device = model.training, next(model.parameters()).device
    answer = Logits(model.eval())
    logits: list[numpy.ndarray] = [numpy.empty(0)] * len(order)
    with torch.inference_mode(), torch_threads(machine.threads()), fresh_memory_as_it_is():
        for numbers in _batches(order, batches.lengths, batch_size, apart=reads_padding(model)):
            for number, found in zip(numbers, _answers(answer, batches.batch(numbers), device), strict=True):
                logits[number] = found
    model.train(training)
    return logits


def reads_padding(model: nn.Module) -> bool:
    """Whether a text's answer depends on the padding behind it: MobileBERT makes a token's embedding of its
    neighbours' too, that of padding among them, which is not always zero as that of no token is.
    """
    if not getattr(model.config, "trigram_input", False):
        return False
    table = model.get_input_embeddings().weight  # type: ignore[operator]
    return bool(table[model.config.pad_token_id].any())  # type: ignore[union-attr]


def _batches(order: Sequence[int], lengths: numpy.ndarray, size: int, *, apart: bool) -> Iterator[Sequence[int]]:
    """Numbers of examples in their `order`, at most `size` at a time; `apart`: of one length."""
    for _, group in groupby(order, key=lambda number: lengths[number] if apart else None):
        numbers = list(group)
        yield from (numbers[start : start + size] for start in range(0, len(numbers), size))


def _answers(model: Logits, batch: dict[str, torch.Tensor], device: torch.device) -> list[numpy.ndarray]:
    """One array an example, without what the model said about padding."""
    found = model(**{name: tensor.to(device) for name, tensor in batch.items()}).float().cpu().numpy()
    if found.ndim == 2:
        return list(found)
    return [rows[mask] for rows, mask in zip(found, batch["attention_mask"].bool().numpy(), strict=True)]
