"""The count by fvcore's `FlopCountAnalysis`, with rules for what it skips.

As it comes, it counts multiply-accumulates and calls them FLOPs, has no rule for `scaled_dot_product_attention` or
`baddbmm`, and counts a broadcast `matmul` once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import Any

import torch
from fvcore.nn import FlopCountAnalysis
from fvcore.nn.jit_handles import get_shape
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from benchbench.meters.flops.operators import does_no_matrix_work
from benchbench.meters.flops.shapes_only import like, on_meta, twin
from benchbench.meters.flops.tally import Tally

FLOP_PER_MAC = 2
Rule = Callable[[list[Any], list[Any]], int]


def tally(model: nn.Module, inputs: Mapping[str, Tensor]) -> Tally:
    """Trace `model(**inputs)` on the meta device and count the operators of the trace. Only shapes are read."""
    model, inputs = twin(model, on_meta), like(inputs, on_meta)
    with torch.inference_mode(), torch.device("meta"), _Convolutions():
        try:
            analysis = _analysis(model, inputs)
        except KeyError:  # of a module that took another's place as the model ran: BigBird's attention to a short text
            analysis = _analysis(model, inputs)
        flops = FLOP_PER_MAC * analysis.total()
    return Tally(
        flops=flops,
        by_operator=_doubled(analysis.by_operator()),
        by_module={name.removeprefix("model."): n for name, n in _doubled(analysis.by_module()).items()},
        missed=tuple(sorted(_missed(analysis))),
    )


def _analysis(model: nn.Module, inputs: Mapping[str, Tensor]) -> FlopCountAnalysis:
    analysis = FlopCountAnalysis(_Positional(model, tuple(inputs)), tuple(inputs.values()))
    analysis.clear_op_handles().set_op_handle(**_RULES)
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
    analysis.total()
    return analysis


class _Positional(nn.Module):
    """The model with its inputs by position and tensors as its result, as tracing wants it.

    The results of every module are results too: tracing drops what leads to none, such as a pooler that runs unused.
    """

    def __init__(self, model: nn.Module, names: tuple[str, ...]) -> None:
        super().__init__()
        self.model = model
        self.names = names

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        found: list[Tensor] = []
        hooks = [
            module.register_forward_hook(lambda module, inputs, output: found.extend(_tensors(output)))
            for module in self.model.modules()
        ]
        try:
            self.model(**dict(zip(self.names, tensors, strict=True)))
        finally:
            for hook in hooks:
                hook.remove()
        return tuple(found)


def _tensors(output: Any) -> list[Tensor]:
    if isinstance(output, Tensor):
        return [output]
    values = output.values() if isinstance(output, Mapping) else output
    return [value for value in values if isinstance(value, Tensor)] if isinstance(values, Iterable) else []


def _missed(analysis: Any) -> set[str]:
    names = {operator.removeprefix("aten::") for operator in analysis.unsupported_ops()}
    return {name for name in names if not does_no_matrix_work(name)}


def _doubled(macs: Mapping[str, Any]) -> dict[str, int]:
    return {name: int(FLOP_PER_MAC * n) for name, n in macs.items() if name and n}


class _Convolutions(TorchFunctionMode):
    """Convolutions by the operator that tracing records: on the meta device PyTorch goes past it, and its own shape
    function does not trace."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in _TRANSPOSED:
            return _transposed(*args, **kwargs)
        return _plain(*args, **kwargs) if func in _PLAIN else func(*args, **kwargs)


def _plain(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    dimensions = weight.dim() - 2
    if padding == "same":
        reach = [d * (size - 1) for d, size in zip(_each(dilation, dimensions), weight.shape[2:], strict=True)]
        input = nn.functional.pad(input, [side for r in reversed(reach) for side in (r // 2, r - r // 2)])
    padding = 0 if isinstance(padding, str) else padding
    sizes = [_each(setting, dimensions) for setting in (stride, padding, dilation)]
    return _recorded(input, weight, bias, *sizes, False, [0] * dimensions, groups)


def _transposed(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    settings = (stride, padding, dilation, output_padding)
    stride, padding, dilation, output_padding = (_each(setting, weight.dim() - 2) for setting in settings)
    return _recorded(input, weight, bias, stride, padding, dilation, True, output_padding, groups)


def _recorded(*arguments: Any) -> Tensor:
    convolution: Callable[..., Tensor] = torch._convolution
    return convolution(*arguments, *_FLAGS)


def _each(setting: Any, dimensions: int) -> list[int]:
    sizes = [setting] if isinstance(setting, int) else list(setting)
    return sizes * dimensions if len(sizes) == 1 else sizes


_PLAIN = frozenset({torch.conv1d, torch.conv2d, torch.conv3d})
_TRANSPOSED = frozenset({torch.conv_transpose1d, torch.conv_transpose2d, torch.conv_transpose3d})
_FLAGS = (False, False, False, False)  # of cuDNN


def _product(left: int) -> Rule:
    """A matrix product whose left factor is input `left`: each element of the result takes its inner length in MACs."""

    def rule(inputs: list[Any], outputs: list[Any]) -> int:
        return int(prod(get_shape(outputs[0])) * get_shape(inputs[left])[-1])

    return rule


def _convolution(inputs: list[Any], outputs: list[Any]) -> int:
    """Each element of the result takes one filter in MACs: channels in (of its group) × kernel; transposed likewise."""
    filters = get_shape(inputs[1])
    transposed = inputs[6].toIValue()
    positions = get_shape(inputs[0] if transposed else outputs[0])
    return int(positions[0] * prod(positions[2:]) * prod(filters))


def _attention(inputs: list[Any], outputs: list[Any]) -> int:
    """Scores (query × key) and their product with the values."""
    query, key, value = (get_shape(tensor) for tensor in inputs[:3])
    scores = prod(query[:-1]) * key[-2]
    return int(scores * (query[-1] + value[-1]))


def _einsum(inputs: list[Any], outputs: list[Any]) -> int:
    """Two factors with a common index that is summed: the product of the sizes of all indices. With none there is no
    matrix product. An index of one factor alone that is summed is summed before. More factors have an order of their
    own and are refused."""
    given, _, result = inputs[0].toIValue().replace(" ", "").partition("->")
    factors = given.split(",")
    shapes = [get_shape(tensor) for tensor in inputs[1].node().inputs()]
    if len(factors) > 2 or "." in given or not result:
        raise NotImplementedError(f"einsum {inputs[0].toIValue()!r} has no rule")
    if len(factors) < 2 or not set(factors[0]) & set(factors[1]) - set(result):
        return 0
    sizes: dict[str, int] = {}
    for factor, shape in zip(factors, shapes, strict=True):
        for index, size in zip(factor, shape, strict=True):
            sizes[index] = max(size, sizes.get(index, 1))
    common = set(factors[0]) & set(factors[1])
    return prod(size for index, size in sizes.items() if index in common or index in result)


_RULES: dict[str, Rule] = {
    "aten::linear": _product(0),
    "aten::matmul": _product(0),
    "aten::mm": _product(0),
    "aten::mv": _product(0),
    "aten::dot": _product(0),
    "aten::vdot": _product(0),
    "aten::addmv": _product(1),
    "aten::bmm": _product(0),
    "aten::addmm": _product(1),
    "aten::baddbmm": _product(1),
    "aten::_convolution": _convolution,
    "aten::scaled_dot_product_attention": _attention,
    "aten::einsum": _einsum,
}
