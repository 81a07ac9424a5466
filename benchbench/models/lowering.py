"""Lowering: the same network, computed in a layout that CPUs and GPUs run well.

SqueezeBERT (Iandola et al. 2020, arXiv 2006.11316) writes its position-wise layers as grouped convolutions with kernel
size 1 on channels-first tensors. Frameworks have slow kernels for those, forward and worse backward. A grouped
convolution with kernel size 1 is a batch of matrix products, one for each group; with channels last, its input needs
no copy. `lower` exchanges the classes of such layers for ones that compute so. Parameters, their names and shapes do
not change, nor does the number of FLOPs: a lowered model trains, is saved, and is read by plain transformers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import torch
from torch import nn
from torch.nn import functional
from transformers.modeling_outputs import BaseModelOutput
from transformers.models.squeezebert.modeling_squeezebert import SqueezeBertEncoder, SqueezeBertModule

Model = TypeVar("Model", bound=nn.Module)


def lower(model: Model) -> Model:
    """Lower `model` in place and return it; a model without such layers comes back as it was."""
    for module in model.modules():
        if type(module) is SqueezeBertEncoder:
            module.__class__ = LoweredEncoder
        elif type(module) is nn.Conv1d and _is_grouped_pointwise(module):
            module.__class__ = LoweredConv1d
    return model


@contextmanager
def as_written(model: nn.Module) -> Iterator[None]:
    """Within this, a lowered `model` computes as transformers writes it."""
    lowered = [
        (module, type(module)) for module in model.modules() if isinstance(module, LoweredEncoder | LoweredConv1d)
    ]
    for module, kind in lowered:
        module.__class__ = kind.__base__  # type: ignore[assignment]
    try:
        yield
    finally:
        for module, kind in lowered:
            module.__class__ = kind


def is_lowered(model: nn.Module) -> bool:
    """Whether any layer of `model` runs lowered: worth saying in a record, since it changes speed."""
    return any(isinstance(module, LoweredEncoder | LoweredConv1d) for module in model.modules())


class LoweredConv1d(nn.Conv1d):
    """A grouped convolution of kernel size 1 as a batched matrix product; (batch, channels, width) as before."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        batch, _, width = input.shape
        grouped = input.reshape(batch, self.groups, -1, width)
        weight = self.weight.view(self.groups, self.out_channels // self.groups, -1)
        output = torch.matmul(weight, grouped).reshape(batch, self.out_channels, width)
        return output if self.bias is None else output + self.bias[:, None]


class LoweredEncoder(SqueezeBertEncoder):
    """SqueezeBERT's stack of layers on channels-last tensors: (batch, sequence, channels) from end to end."""

    def forward(
        self,
        hidden_states: torch.Tensor,
        attention_mask: torch.Tensor | None = None,
        output_attentions: bool = False,
        output_hidden_states: bool = False,
        return_dict: bool = True,
    ) -> Any:
        if output_attentions:
            raise ValueError("a lowered model keeps no attention scores; build it with lowered=False to read them")
        states = [hidden_states]
        for layer in self.layers:
            states.append(_layer(layer, states[-1], attention_mask))  # type: ignore[arg-type]
        all_states = tuple(states) if output_hidden_states else None
        if not return_dict:
            return (states[-1],) if all_states is None else (states[-1], all_states)
        return BaseModelOutput(last_hidden_state=states[-1], hidden_states=all_states)


def _layer(layer: SqueezeBertModule, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """One transformer layer. `x`: (batch, sequence, channels)."""
    attended = _attention(layer.attention, x, mask)
    after = layer.post_attention
    x = _normalise(
        after.layernorm, after.dropout(_merge(_pointwise(after.conv1d, _split(attended, after.conv1d)), x)), x
    )
    inner, outer = layer.intermediate, layer.output
    expanded = inner.act(_pointwise(inner.conv1d, _split(x, inner.conv1d)))
    if inner.conv1d.groups != outer.conv1d.groups:
        expanded = _split(_merge(expanded, x), outer.conv1d)
    return _normalise(outer.layernorm, outer.dropout(_merge(_pointwise(outer.conv1d, expanded), x)), x)


def _attention(attention: Any, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    batch, length, _ = x.shape
    heads = (batch, length, attention.num_attention_heads, attention.attention_head_size)

    def project(convolution: nn.Conv1d) -> torch.Tensor:
        return _merge(_pointwise(convolution, _split(x, convolution)), x).view(heads).transpose(1, 2)

    context = functional.scaled_dot_product_attention(  # looked up at each call: see `models.dropout`
        project(attention.query),
        project(attention.key),
        project(attention.value),
        attn_mask=mask,
        dropout_p=attention.dropout.p if attention.training else 0.0,
    )
    return context.transpose(1, 2).reshape(batch, length, attention.all_head_size)


def _split(x: torch.Tensor, convolution: nn.Conv1d) -> torch.Tensor:
    """(batch, sequence, channels) as (groups, batch · sequence, channels of a group), without a copy."""
    return x.reshape(x.shape[0] * x.shape[1], convolution.groups, -1).transpose(0, 1)


def _merge(grouped: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """The inverse of `_split`; `like` gives batch and sequence."""
    return grouped.transpose(0, 1).reshape(like.shape[0], like.shape[1], -1)


def _pointwise(convolution: nn.Conv1d, grouped: torch.Tensor) -> torch.Tensor:
    """The convolution as one matrix product for each group, on and to the layout of `_split`."""
    weight = convolution.weight.view(convolution.groups, convolution.out_channels // convolution.groups, -1)
    if convolution.bias is None:
        return torch.bmm(grouped, weight.transpose(1, 2))
    return torch.baddbmm(convolution.bias.view(convolution.groups, 1, -1), grouped, weight.transpose(1, 2))


def _normalise(layernorm: nn.LayerNorm, x: torch.Tensor, residual: torch.Tensor) -> torch.Tensor:
    """SqueezeBERT's layer norm transposes around `nn.LayerNorm`; channels last needs no transposition."""
    return nn.LayerNorm.forward(layernorm, residual + x)


def _is_grouped_pointwise(convolution: nn.Conv1d) -> bool:
    plain = convolution.kernel_size == (1,) and convolution.stride == (1,) and convolution.padding in ((0,), 0)
    return plain and convolution.groups > 1
