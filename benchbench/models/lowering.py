"""Lowering: the same network, computed in a layout that CPUs and GPUs run well.

SqueezeBERT (Iandola et al. 2020, arXiv 2006.11316) writes its position-wise layers as grouped convolutions with kernel
size 1 on channels-first tensors. Frameworks have slow kernels for those, forward and worse backward. A grouped
convolution with kernel size 1 is a batch of matrix products, one for each group; with channels last, its input needs
no copy. `lower` exchanges the classes of such layers for ones that compute so: query, key and value are one product,
and each group attends with its own heads. Parameters, their names and shapes do not change, nor does the number of
FLOPs: a lowered model trains, is saved, and is read by plain transformers. `freeze` then keeps the weights of a model
that is only run in the order that the products read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

import torch
from torch import nn
from torch.nn import functional
from transformers.modeling_outputs import BaseModelOutput
from transformers.models.squeezebert.modeling_squeezebert import SqueezeBertEncoder, SqueezeBertModule

Model = TypeVar("Model", bound=nn.Module)


def lower(model: Model) -> Model:
    """Lower `model` in place and return it; a model without such layers comes back as it was."""
    for module in model.modules():
        if type(module) is SqueezeBertEncoder and all(_attends_by_group(layer) for layer in module.layers):
            module.__class__ = LoweredEncoder
        elif type(module) is nn.Conv1d and _is_grouped_pointwise(module):
            module.__class__ = LoweredConv1d
    return model


def freeze(model: Model) -> Model:
    """Keep a lowered `model`'s weights as its products read them, in place, and return it: for inference alone.

    It takes no more memory, has no gradients and can no longer be saved. Other models stay as they are.
    """
    for module in model.modules():
        if isinstance(module, LoweredEncoder):
            for layer in module.layers:
                _freeze(layer)  # type: ignore[arg-type]
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


Product = tuple[torch.Tensor, torch.Tensor]
"""One matrix product a group: its weight (groups, channels in, channels out) and its bias (groups, 1, channels out),
channels of a group."""


class Products(NamedTuple):
    """Those of a layer. `attention` gives query, key and value, one after the other in each group.

    Once frozen, a product of a single group is a linear layer.
    """

    attention: Product | nn.Linear
    after: Product | nn.Linear
    inner: Product | nn.Linear
    outer: Product | nn.Linear


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
        states, mask = [hidden_states], self._mask_of_groups(attention_mask, hidden_states)
        for layer in self.layers:
            states.append(_layer(layer, states[-1], mask))  # type: ignore[arg-type]
        all_states = tuple(states) if output_hidden_states else None
        if not return_dict:
            return (states[-1],) if all_states is None else (states[-1], all_states)
        return BaseModelOutput(last_hidden_state=states[-1], hidden_states=all_states)

    def _mask_of_groups(self, mask: torch.Tensor | None, x: torch.Tensor) -> torch.Tensor | None:
        """`mask`, (batch, 1, sequence, sequence), once for each group; transformers gives none where none is needed."""
        if mask is None:
            return None
        first: Any = self.layers[0]
        groups = first.attention.query.groups
        return mask.expand(x.shape[0], -1, -1, -1).repeat(groups, 1, 1, 1)


class FrozenLayer(SqueezeBertModule):
    """A layer without parameters of its convolutions, whose products lie in memory as they are read."""

    @property
    def products(self) -> Products:
        return Products(*(self._product(name) for name in Products._fields))

    def _product(self, name: str) -> Product | nn.Linear:
        dense = self._modules.get(f"{name}_linear")
        if isinstance(dense, nn.Linear):
            return dense
        return getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias")


def _freeze(layer: SqueezeBertModule) -> None:
    with torch.no_grad():
        for name, (weight, bias) in _products(layer)._asdict().items():
            if weight.shape[0] == 1:
                layer.add_module(f"{name}_linear", _dense(weight[0], bias[0, 0]))
            else:
                layer.register_buffer(f"{name}_weight", weight.contiguous(), persistent=False)
                layer.register_buffer(f"{name}_bias", bias.clone(), persistent=False)
    for module in layer.modules():
        if isinstance(module, nn.Conv1d):
            module.weight = module.bias = None  # type: ignore[assignment]
    layer.__class__ = FrozenLayer


def _dense(weight: torch.Tensor, bias: torch.Tensor) -> nn.Linear:
    """`weight`: (channels in, channels out)."""
    channels_in, channels_out = weight.shape
    linear = nn.Linear(channels_in, channels_out, device="meta")
    linear.weight = nn.Parameter(weight.T.clone(memory_format=torch.contiguous_format), requires_grad=False)
    linear.bias = nn.Parameter(bias.clone(), requires_grad=False)
    return linear


def _products(layer: SqueezeBertModule) -> Products:
    if isinstance(layer, FrozenLayer):
        return layer.products
    attention = layer.attention
    return Products(
        _joined(attention.query, attention.key, attention.value),
        _joined(layer.post_attention.conv1d),
        _joined(layer.intermediate.conv1d),
        _joined(layer.output.conv1d),
    )


def _joined(*convolutions: nn.Conv1d) -> Product:
    """Convolutions of one input as one product. The weights of several are copied, which costs little in training."""
    groups = convolutions[0].groups
    weights = [c.weight.view(groups, c.out_channels // groups, -1) for c in convolutions]
    biases = [c.bias.view(groups, 1, -1) for c in convolutions]  # type: ignore[union-attr]
    if len(convolutions) == 1:
        return weights[0].transpose(1, 2), biases[0]
    return torch.cat(weights, dim=1).transpose(1, 2), torch.cat(biases, dim=2)


def _layer(layer: SqueezeBertModule, x: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """One transformer layer. `x`: (batch, sequence, channels)."""
    products, after, outer = _products(layer), layer.post_attention, layer.output
    attended = _attention(layer.attention, products.attention, x, mask)
    x = _normalise(after.layernorm, after.dropout(_merge(_pointwise(products.after, attended), x)), x)
    expanded = layer.intermediate.act(_pointwise(products.inner, _split(x)))
    return _normalise(outer.layernorm, outer.dropout(_merge(_pointwise(products.outer, expanded), x)), x)


def _attention(
    attention: Any, product: Product | nn.Linear, x: torch.Tensor, mask: torch.Tensor | None
) -> torch.Tensor:
    """What each group attends to, (groups, batch · sequence, channels of a group): heads never leave their group."""
    groups = attention.query.groups
    batch, length, _ = x.shape
    heads = (3, attention.num_attention_heads // groups, attention.attention_head_size)
    query, key, value = (
        _pointwise(product, _split(x)).view(groups * batch, length, *heads).permute(2, 0, 3, 1, 4).unbind()
    )
    dropped = attention.dropout.p if attention.training else 0.0
    attend = functional.scaled_dot_product_attention  # looked up at each call: see `models.dropout`
    context = attend(query, key, value, attn_mask=mask, dropout_p=dropped)
    return context.transpose(1, 2).reshape(groups, batch * length, -1)


def _split(x: torch.Tensor) -> torch.Tensor:
    """(batch, sequence, channels) as one group, (1, batch · sequence, channels), without a copy."""
    return x.reshape(1, x.shape[0] * x.shape[1], -1)


def _merge(grouped: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """(groups, batch · sequence, channels of a group) as (batch, sequence, channels); `like` gives the first two."""
    return grouped.transpose(0, 1).reshape(like.shape[0], like.shape[1], -1)


def _pointwise(product: Product | nn.Linear, grouped: torch.Tensor) -> torch.Tensor:
    """(groups, tokens, channels in) to the product's own groups and (groups, tokens, channels out)."""
    if isinstance(product, nn.Linear):
        linear: torch.Tensor = product(_regrouped(grouped, 1)[0])
        return linear[None]
    weight, bias = product
    grouped = _regrouped(grouped, weight.shape[0])
    if weight.shape[0] == 1:
        return torch.addmm(bias[0], grouped[0], weight[0])[None]
    return torch.baddbmm(bias, grouped, weight)


def _regrouped(grouped: torch.Tensor, groups: int) -> torch.Tensor:
    """(any groups, tokens, channels) as (`groups`, tokens, channels)."""
    if grouped.shape[0] == groups:
        return grouped
    return grouped.transpose(0, 1).reshape(grouped.shape[1], groups, -1).transpose(0, 1)


def _normalise(layernorm: nn.LayerNorm, x: torch.Tensor, residual: torch.Tensor) -> torch.Tensor:
    """SqueezeBERT's layer norm transposes around `nn.LayerNorm`; channels last needs no transposition."""
    return nn.LayerNorm.forward(layernorm, residual + x)


def _attends_by_group(layer: Any) -> bool:
    """Whether query, key and value have the same groups, and each group whole heads."""
    attention = layer.attention
    groups = {convolution.groups for convolution in (attention.query, attention.key, attention.value)}
    return len(groups) == 1 and attention.num_attention_heads % groups.pop() == 0


def _is_grouped_pointwise(convolution: nn.Conv1d) -> bool:
    plain = convolution.kernel_size == (1,) and convolution.stride == (1,) and convolution.padding in ((0,), 0)
    return plain and convolution.groups > 1
