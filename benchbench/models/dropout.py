"""Dropout whose random numbers cost little on a CPU.

PyTorch draws 32 random bits for each element, on one thread outside Intel's processors: a tenth and more of the time
that a small encoder trains. Sixteen bits an element say whether it stays just as well, and four elements come of one
draw of 64 bits. A probability is rounded to a multiple of 2^-16, and what stays is scaled by the rounded one, so that
the expectation is exact. PyTorch's own generator seeds the masks: the same seed gives the same ones.
"""

from __future__ import annotations

from types import TracebackType

import numpy
import torch
from numpy.random import SFC64
from torch.nn import functional

_STEPS = 2**16


class FastDropout:
    """Within this, dropout of any model on a CPU is computed here, in attention too.

    It stands in for two functions of `torch.nn.functional`, so that all else costs what it costs without it; who has
    taken one of them out of that module by its name goes on with PyTorch's own.
    """

    def __enter__(self) -> FastDropout:
        self._random = SFC64(int(torch.randint(2**63 - 1, ())))
        self._dropout, self._attention = functional.dropout, functional.scaled_dot_product_attention
        functional.dropout, functional.scaled_dot_product_attention = self.dropout, self.attention  # type: ignore[assignment]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        functional.dropout, functional.scaled_dot_product_attention = self._dropout, self._attention

    def dropout(
        self, input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
    ) -> torch.Tensor:
        """As `torch.nn.functional.dropout`."""
        if input.device.type != "cpu" or not training or inplace or not 0 < p < 1:
            return self._dropout(input, p, training, inplace)
        return fast_dropout(input, p, self._random)

    def attention(
        self,
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
            return self._attention(
                query, key, value, attn_mask, dropout_p, is_causal, scale=scale, enable_gqa=enable_gqa
            )
        scores = (query * (query.shape[-1] ** -0.5 if scale is None else scale)) @ key.transpose(-1, -2)
        if attn_mask is not None and attn_mask.dtype == torch.bool:
            scores = scores.masked_fill(~attn_mask, torch.finfo(scores.dtype).min)
        elif attn_mask is not None:
            scores = scores + attn_mask
        return fast_dropout(scores.softmax(-1), dropout_p, self._random) @ value


def fast_dropout(x: torch.Tensor, p: float, random: SFC64) -> torch.Tensor:
    """`x`, of any shape, on the CPU, with each element zero with probability `p` and else scaled by 1 / (1 - p).

    Raises `ValueError` unless 0 <= p < 1.
    """
    if not 0 <= p < 1:
        raise ValueError(f"the probability to drop an element is at least 0 and below 1, not {p}")
    dropped = min(round(p * _STEPS), _STEPS - 1)
    mask = torch.empty(x.numel(), dtype=x.dtype)
    torch.ge(_sixteen_bits(x.numel(), random), dropped - _STEPS // 2, out=mask)
    return x * mask.mul_(_STEPS / (_STEPS - dropped)).view(x.shape)


def _sixteen_bits(count: int, random: SFC64) -> torch.Tensor:
    """`count` numbers that are uniform over all of int16."""
    return torch.from_numpy(random.random_raw(-(-count // 4)).view(numpy.int16)[:count])
