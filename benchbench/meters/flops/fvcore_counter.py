"""The count by fvcore's `FlopCountAnalysis`, with rules for what it skips.

As it comes, it counts multiply-accumulates and calls them FLOPs, has no rule for `scaled_dot_product_attention` or
`baddbmm`, and counts a broadcast `matmul` once.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import torch
from fvcore.nn import FlopCountAnalysis
from fvcore.nn.jit_handles import get_shape
from torch import Tensor, nn

from benchbench.meters.flops.operators import does_no_matrix_work
from benchbench.meters.flops.tally import Tally
from benchbench.meters.torch_threads import torch_threads

FLOP_PER_MAC = 2
Rule = Callable[[list[Any], list[Any]], int]


def tally(model: nn.Module, inputs: Mapping[str, Tensor]) -> Tally:
    """Trace `model(**inputs)` and count the operators of the trace.

    A model on the meta device is traced there where PyTorch can (not with convolutions: their shape functions do not
    trace), otherwise as a copy whose weights are zeros.
    """
    if not _traces_on_meta(model):
        model = _zeros_like(model)
        inputs = {name: torch.ones(t.shape, dtype=t.dtype) for name, t in inputs.items()}
    with torch.inference_mode(), torch_threads(1):  # of small tensors: more would only wait for one another
        analysis = FlopCountAnalysis(_Positional(model, tuple(inputs)), tuple(inputs.values()))
        analysis.clear_op_handles().set_op_handle(**_RULES)
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).tracer_warnings("none")
        flops = FLOP_PER_MAC * analysis.total()
    return Tally(
        flops=flops,
        by_operator=_doubled(analysis.by_operator()),
        by_module={name.removeprefix("model."): n for name, n in _doubled(analysis.by_module()).items()},
        missed=tuple(sorted(_missed(analysis))),
    )


class _Positional(nn.Module):
    """The model with its inputs by position and tensors as its result, as tracing wants it.

    The encoder's own results are results too: tracing drops what leads to none, such as a pooler that runs unused.
    """

    def __init__(self, model: nn.Module, names: tuple[str, ...]) -> None:
        super().__init__()
        self.model = model
        self.names = names
        self.encoder: nn.Module = getattr(model, "base_model", model)

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        found: list[Tensor] = []
        hook = self.encoder.register_forward_hook(lambda module, inputs, output: found.extend(_tensors(output)))
        try:
            output = self.model(**dict(zip(self.names, tensors, strict=True)))
        finally:
            hook.remove()
        return (*_tensors(output), *found)


def _tensors(output: Any) -> list[Tensor]:
    if isinstance(output, Tensor):
        return [output]
    values = output.values() if isinstance(output, Mapping) else output
    return [value for value in values if isinstance(value, Tensor)]


def _missed(analysis: Any) -> set[str]:
    names = {operator.removeprefix("aten::") for operator in analysis.unsupported_ops()}
    return {name for name in names if not does_no_matrix_work(name.removesuffix("_"))}


def _doubled(macs: Mapping[str, Any]) -> dict[str, int]:
    return {name: int(FLOP_PER_MAC * n) for name, n in macs.items() if name and n}


def _traces_on_meta(model: nn.Module) -> bool:
    on_meta = next(model.parameters()).is_meta
    return not on_meta or not any(isinstance(m, nn.Conv1d | nn.Conv2d) for m in model.modules())


def _zeros_like(model: nn.Module) -> nn.Module:
    twin = copy.deepcopy(model).to_empty(device="cpu")
    for tensor in (*twin.parameters(), *twin.buffers()):
        tensor.data.zero_()
    return twin


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
    """Two factors: the product of the sizes of all indices. More have an order of their own and are refused."""
    equation = inputs[0].toIValue().replace(" ", "").partition("->")[0]
    shapes = [get_shape(tensor) for tensor in inputs[1].node().inputs()]
    if len(shapes) > 2 or "." in equation:
        raise NotImplementedError(f"einsum {equation!r} has no rule")
    indices = zip(equation.replace(",", ""), (size for shape in shapes for size in shape), strict=True)
    return prod(dict(indices).values())


_RULES: dict[str, Rule] = {
    "aten::linear": _product(0),
    "aten::matmul": _product(0),
    "aten::mm": _product(0),
    "aten::mv": _product(0),
    "aten::dot": _product(0),
    "aten::bmm": _product(0),
    "aten::addmm": _product(1),
    "aten::baddbmm": _product(1),
    "aten::_convolution": _convolution,
    "aten::scaled_dot_product_attention": _attention,
    "aten::einsum": _einsum,
}
