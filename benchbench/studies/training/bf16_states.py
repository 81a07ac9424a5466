"""Hidden states in bf16 from the embeddings on.

Autocast computes matrix products in bf16, and embeddings in fp32. The sum of both, the input of the first layer norm,
is fp32 then, and so are the states of all layers after it: they take twice the memory, and are cast before each product
and after its gradient. With the embeddings' output in bf16 they never leave bf16. Layer norms compute in fp32 inside;
parameters, their gradients and what an optimiser keeps stay fp32.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn


def can_be_bf16(model: nn.Module) -> bool:
    """Whether `bf16_states` changes anything: not where embeddings are not one module of that name, nor where layers
    are normalised by something that multiplies by its own fp32 weights, as MobileBERT's does.
    """
    return _embeddings(model) is not None and any(isinstance(module, nn.LayerNorm) for module in model.modules())


@contextmanager
def bf16_states(model: nn.Module) -> Iterator[None]:
    """Within this, `model` computes so where autocast is on; elsewhere, and without embeddings, as it always does."""
    embeddings = _embeddings(model)
    if embeddings is None:
        yield
        return
    with embeddings.register_forward_hook(_in_bf16):
        yield


def _embeddings(model: nn.Module) -> nn.Module | None:
    found = getattr(getattr(model, "base_model", None), "embeddings", None)
    return found if isinstance(found, nn.Module) else None


def _in_bf16(module: nn.Module, given: Any, states: Any) -> Any:
    if not isinstance(states, torch.Tensor) or not torch.is_autocast_enabled(states.device.type):
        return states
    return states.to(torch.get_autocast_dtype(states.device.type))
