"""Linear layers whose weights lie in memory as oneDNN's products read them: for a CPU, and for inference alone.

PyTorch's own linear layers leave that order to each run, which is felt where a run has few tokens.
"""

from __future__ import annotations

import platform

import torch
from torch import nn

_X86 = ("x86_64", "AMD64")


def pack(model: nn.Module) -> None:
    """Pack all linear layers of `model` in place, where this CPU's PyTorch can; it can no longer be trained or saved.

    `model`: on a CPU, in fp32 or bf16. It takes no more memory than before.
    """
    for module in model.modules():
        if type(module) is nn.Linear and _can_pack(module.weight.dtype):
            _pack(module)


class PackedLinear(nn.Linear):
    """`packed`: the weight as oneDNN has it."""

    packed: torch.Tensor

    @property
    def weight(self) -> torch.Tensor:  # type: ignore[override]
        """(features out, features in), unpacked for who reads it: a copy."""
        return self.packed.to_dense()

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        product: torch.Tensor = torch.ops.mkldnn._linear_pointwise(input, self.packed, self.bias, "none", [], "")
        return product


def _pack(linear: nn.Linear) -> None:
    weight = linear.weight.detach()
    del linear.weight
    linear.__class__ = PackedLinear
    linear.packed = torch.ops.mkldnn._reorder_linear_weight(weight)


def _can_pack(dtype: torch.dtype) -> bool:
    """Packed products of bf16 need a CPU that has it."""
    available = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    if not available or platform.machine() not in _X86:
        return False
    return dtype == torch.float32 or (dtype == torch.bfloat16 and torch.ops.mkldnn._is_mkldnn_bf16_supported())
