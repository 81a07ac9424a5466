"""A model without values: the same modules around tensors that have a shape, a type and no memory.

What is counted depends on shapes alone; without values a batch of 64 costs what a batch of 1 costs.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import TypeVar

import torch
from torch import Tensor, nn

Model = TypeVar("Model", bound=nn.Module)


def twin(model: Model, empty: Callable[[Tensor], Tensor]) -> Model:
    """A copy of `model` with `empty(t)` in the place of each parameter and buffer t; tied ones stay tied."""
    memo: dict[int, object] = {}
    for tensor in (*model.parameters(), *model.buffers()):
        bare = empty(tensor)
        memo[id(tensor)] = nn.Parameter(bare, requires_grad=False) if isinstance(tensor, nn.Parameter) else bare
    return copy.deepcopy(model, memo)


def like(inputs: Mapping[str, Tensor], empty: Callable[[Tensor], Tensor]) -> dict[str, Tensor]:
    """`inputs` without values."""
    return {name: empty(tensor) for name, tensor in inputs.items()}


def on_meta(tensor: Tensor) -> Tensor:
    """On PyTorch's meta device."""
    return torch.empty(tensor.shape, dtype=tensor.dtype, device="meta")


def on_cpu(tensor: Tensor) -> Tensor:
    """As if it were on a CPU, where a `FakeTensorMode` is active: operators are those that a CPU would run."""
    return torch.empty(tensor.shape, dtype=tensor.dtype, device="cpu")
