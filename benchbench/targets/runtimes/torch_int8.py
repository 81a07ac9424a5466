"""PyTorch on CPU with int8 matrix products: weights quantised ahead, activations when they come.

PyTorch's own dynamic quantisation serves linear layers, so pointwise convolutions become linear layers first, a grouped
one becomes a linear layer for each group.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.ao.quantization import quantize_dynamic

from benchbench import machine
from benchbench.models import loading
from benchbench.models.weights import drawn_weights
from benchbench.targets.protocol import Job, Target
from benchbench.targets.runtimes.torch_eager import TorchSession, build_logits, torch_versions

if TYPE_CHECKING:
    from torch import Tensor


class TorchInt8:
    name = "torch-int8"

    def unavailable(self, target: Target) -> str | None:
        if (target.device, target.precision) != ("cpu", "int8"):
            return "this runtime is int8 on cpu only"
        engines = torch.backends.quantized.supported_engines
        return None if set(engines) & {"x86", "fbgemm", "qnnpack", "onednn"} else "this PyTorch has no int8 kernels"

    def fixed_shape(self) -> bool:
        return False

    def reads_weights(self) -> bool:
        return True

    def imports(self) -> tuple[str, ...]:
        return loading.IMPORTS

    def prepare(self, job: Job, folder: Path) -> None:
        """Quantising takes less than a second; it is done when the model is loaded. Random weights are drawn here."""
        drawn_weights.keep(job.source)

    def load(self, job: Job, folder: Path) -> TorchSession:
        plain = replace(job.target, precision="fp32", options={"lowered": False})
        model = _with_linears(build_logits(job.source, plain))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it announces its successor, torchao, which has no fast CPU kernels
            quantised = quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)  # type: ignore[no-untyped-call]
        return TorchSession(quantised, "cpu", machine.threads(job.target.threads), "int8")

    def versions(self) -> Mapping[str, str]:
        return torch_versions()


class PointwiseLinear(nn.Module):
    """A convolution of kernel size 1 as one linear layer for each of its groups; (batch, channels, width) as before."""

    def __init__(self, convolution: nn.Conv1d) -> None:
        super().__init__()
        weights = convolution.weight.detach().squeeze(-1).chunk(convolution.groups)
        zeros = torch.zeros(convolution.out_channels)
        bias = zeros if convolution.bias is None else convolution.bias.detach()
        self.groups = nn.ModuleList(_linear(w, b) for w, b in zip(weights, bias.chunk(convolution.groups), strict=True))

    def forward(self, x: Tensor) -> Tensor:
        parts = x.transpose(1, 2).chunk(len(self.groups), dim=-1)
        outputs = [linear(part.contiguous()) for linear, part in zip(self.groups, parts, strict=True)]
        return torch.cat(outputs, dim=-1).transpose(1, 2)


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    linear = nn.Linear(weight.shape[1], weight.shape[0])
    linear.weight.data, linear.bias.data = weight.contiguous(), bias.contiguous()
    return linear


def _with_linears(model: nn.Module) -> nn.Module:
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if type(child) is nn.Conv1d and child.kernel_size == (1,):
                setattr(module, name, PointwiseLinear(child))
    return model
