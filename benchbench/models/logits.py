"""A model reduced to what a benchmark needs: arrays in, one tensor of logits out, whatever its head."""

from __future__ import annotations

import inspect

import torch
from torch import nn


def input_names(model: nn.Module) -> tuple[str, ...]:
    """Which of the usual three inputs make a difference to the model, in the order of `Logits.forward`.

    What its `forward` does not take makes none, nor do the types of tokens where there is one type or none at all.
    """
    taken = set(inspect.signature(model.forward).parameters)
    if getattr(model.config, "type_vocab_size", 2) < 2:
        taken.discard("token_type_ids")
    return tuple(name for name in ("input_ids", "attention_mask", "token_type_ids") if name in taken)


class Logits(nn.Module):
    """The model's logits alone: (batch, labels), (batch, sequence, labels), or start and end as two labels."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.inputs = input_names(model)

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        token_type_ids: torch.Tensor | None = None,
    ) -> torch.Tensor:
        given = {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": token_type_ids}
        output = self.model(**{name: given[name] for name in self.inputs})
        if hasattr(output, "start_logits"):
            return torch.stack((output.start_logits, output.end_logits), dim=-1)
        return output.logits  # type: ignore[no-any-return]
