"""Dropout whose random numbers cost little on a CPU.

PyTorch draws 32 random bits for each element, on one thread outside Intel's processors: a tenth and more of the time
that a small encoder trains. Sixteen bits an element say whether it stays just as well, and four elements come of one
draw of 64 bits. A probability is rounded to a multiple of 2^-16, and what stays is scaled by the rounded one, so that
the expectation is exact. PyTorch's own generator seeds each mask: the same seed gives the same masks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy
import torch
from torch.nn.functional import dropout as torch_dropout
from torch.nn.functional import scaled_dot_product_attention
from torch.overrides import TorchFunctionMode

_STEPS = 2**16


class FastDropout(TorchFunctionMode):
    """While it is active, dropout of any model on a CPU is computed here, in attention too."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is torch_dropout:
            return _dropout(*args, **kwargs)
        if func is scaled_dot_product_attention:
            return _attention(*args, **kwargs)
        return func(*args, **kwargs)


def fast_dropout(x: torch.Tensor, p: float) -> torch.Tensor:
    """`x`, of any shape, on the CPU, with each element zero with probability `p` and else scaled by 1 / (1 - p).

    Raises `ValueError` unless 0 <= p < 1.
    """
    if not 0 <= p < 1:
        raise ValueError(f"the probability to drop an element is at least 0 and below 1, not {p}")
    dropped = min(round(p * _STEPS), _STEPS - 1)
    scale = x.new_tensor(_STEPS / (_STEPS - dropped))
    return x * torch.where(_sixteen_bits(x.shape) >= dropped - _STEPS // 2, scale, scale.new_zeros(()))


def _sixteen_bits(shape: torch.Size) -> torch.Tensor:
    """Uniform over all of int16."""
    seed, count = int(torch.randint(2**63 - 1, ())), shape.numel()
    drawn = numpy.random.SFC64(seed).random_raw(-(-count // 4))
    return torch.from_numpy(drawn.view(numpy.int16)[:count]).view(shape)


def _dropout(input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> torch.Tensor:
    if input.device.type != "cpu" or not training or inplace or not 0 < p < 1:
        return torch_dropout(input, p, training, inplace)
    return fast_dropout(input, p)


def _attention(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> torch.Tensor:
    """As `scaled_dot_product_attention`; scores are kept in memory, as PyTorch does wherever a CPU drops some."""
    if query.device.type != "cpu" or not 0 < dropout_p < 1 or is_causal or enable_gqa:
        return scaled_dot_product_attention(
            query, key, value, attn_mask, dropout_p, is_causal, scale=scale, enable_gqa=enable_gqa
        )
    scores = (query * (query.shape[-1] ** -0.5 if scale is None else scale)) @ key.transpose(-1, -2)
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        scores = scores.masked_fill(~attn_mask, torch.finfo(scores.dtype).min)
    elif attn_mask is not None:
        scores = scores + attn_mask
    return fast_dropout(scores.softmax(-1), dropout_p) @ value
