"""FLOPs as PyTorch's dispatcher sees them, with what its counter lacks on CPU added.

`torch.utils.flop_counter` has no formula for `aten::_scaled_dot_product_flash_attention_for_cpu`, the kernel behind
`scaled_dot_product_attention` on a CPU, and counts it as nothing (pytorch/pytorch issue 195460).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode, flop_registry

_MATRIX_WORK = ("mm", "matmul", "conv", "attention", "linear", "einsum", "dot")
"""Words in the names of operators that multiply matrices."""

_PER_ELEMENT = {"native_layer_norm": 5, "_softmax": 5}
"""FLOPs for an element, by convention: two passes and a scaling. Every other elementwise operator counts one."""


@dataclass(frozen=True)
class DispatchCount:
    """`by_operator` and `by_module` (full module names) in FLOPs. `other_flops`: elementwise work, softmax and
    normalisation, by the conventions of this module. `missed`: operators that multiply matrices but have no formula.
    """

    flops: int
    other_flops: int
    by_operator: Mapping[str, int]
    by_module: Mapping[str, int]
    missed: tuple[str, ...]


def count(model: nn.Module, inputs: Mapping[str, torch.Tensor]) -> DispatchCount:
    """Run `model` once on `inputs` and count."""
    attention: Any = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    counter = FlopCounterMode(display=False, custom_mapping={attention: _attention_flops})
    watcher = _Watcher({*flop_registry, attention})
    with torch.no_grad(), counter, watcher:
        model(**inputs)
    counts = counter.get_flop_counts()
    by_module = {name: sum(found.values()) for name, found in counts.items() if name != "Global" and found}
    by_operator = {str(operator).removeprefix("aten."): flops for operator, flops in counts["Global"].items()}
    missed = tuple(sorted(watcher.missed))
    return DispatchCount(counter.get_total_flops(), watcher.other_flops, by_operator, by_module, missed)


def _attention_flops(query: Any, key: Any, value: Any, *_: Any, out_shape: Any = None, **__: Any) -> int:
    """Shapes (batch, heads, tokens, width of a head): query times key, then weights times value."""
    batch, heads, tokens, width = query
    return int(2 * batch * heads * tokens * key[2] * (width + value[3]))


class _Watcher(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes what the counter leaves out: elementwise work, and what looks like matrix work but has no formula."""

    def __init__(self, known: set[Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._known = known
        self.missed: set[str] = set()
        self.other_flops = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        result = func(*args, **(kwargs or {}))
        if name == "_scaled_dot_product_flash_attention_for_cpu":
            query, key = args[0].shape, args[1].shape
            self.other_flops += _PER_ELEMENT["_softmax"] * prod(query[:-1]) * key[-2]
        elif name in _PER_ELEMENT or torch.Tag.pointwise in func.tags:
            self.other_flops += _PER_ELEMENT.get(name, 1) * _elements(result)
        elif func.overloadpacket not in self._known and any(word in name for word in _MATRIX_WORK):
            self.missed.add(name)
        return result


def _elements(result: Any) -> int:
    """Of a floating-point result: arithmetic on masks and indices is not counted."""
    tensor = result[0] if isinstance(result, tuple) else result
    return tensor.numel() if isinstance(tensor, torch.Tensor) and tensor.is_floating_point() else 0
