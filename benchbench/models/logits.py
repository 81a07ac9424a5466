"""A model reduced to what a benchmark needs: arrays in, one tensor of logits out, whatever its head."""

from __future__ import annotations

import inspect

import torch
from torch import nn


def input_names(model: nn.Module) -> tuple[str, ...]:
    """Which of the usual three inputs the model's `forward` takes, in the order of `Logits.forward`."""
    taken = inspect.signature(model.forward).parameters
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
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None = None,
    ) -> torch.Tensor:
        given = {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": token_type_ids}
        output = self.model(**{name: given[name] for name in self.inputs})
        if hasattr(output, "start_logits"):
            return torch.stack((output.start_logits, output.end_logits), dim=-1)
        return output.logits  # type: ignore[no-any-return]
