"""The count by PyTorch's `FlopCounterMode`, made right on CPU and made to say what it does not know.

As it comes, it has no rule for the CPU's fused attention (pytorch/pytorch#195460) and counts an operator without a
rule as nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log2, prod
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

from benchbench.meters.flops.operators import (
    ELEMENTWISE_COST,
    MOVES,
    NORMALISATION_COST,
    NORMALISATIONS,
    REDUCTIONS,
    TRANSFORMS,
    does_no_matrix_work,
    is_pointwise,
)
from benchbench.meters.flops.shapes_only import like, on_cpu, twin
from benchbench.meters.flops.tally import Tally

FLOP_PER_MAC = 2
_FUSED_ATTENTION = (
    "_scaled_dot_product_flash_attention_for_cpu",
    "_scaled_dot_product_fused_attention_overrideable",
)


def tally(model: nn.Module, inputs: Mapping[str, Tensor]) -> Tally:
    """Run `model(**inputs)` once as a CPU would, without values, and count its operators. Only shapes are read."""
    counter = _Counter()
    with torch.inference_mode(), FakeTensorMode(allow_non_fake_inputs=True):
        model, inputs = twin(model, on_cpu), like(inputs, on_cpu)
        with counter:
            model(**inputs)
    counts = counter.get_flop_counts()
    total = counts.pop("Global", {})
    root = f"{type(model).__name__}."
    return Tally(
        flops=sum(total.values()),
        by_operator={_name(operator): flops for operator, flops in total.items()},
        by_module={
            name.removeprefix(root): sum(operators.values())
            for name, operators in counts.items()
            if name.startswith(root)
        },
        other=counter.other,
        missed=tuple(sorted(counter.missed)),
    )


class _Counter(FlopCounterMode):
    """`other`: FLOP outside matrix work. `missed`: operators by name that may do matrix work but have no rule."""

    def __init__(self) -> None:
        super().__init__(display=False, custom_mapping=_rules())
        self.other = 0
        self.missed: Counter[str] = Counter()

    def _count_flops(self, func_packet: Any, out: Any, args: Any, kwargs: Any) -> Any:
        name = _name(func_packet)
        if func_packet not in self.flop_registry:
            if does_no_matrix_work(name):
                self.other += _other_flops(name, out, args)
            else:
                self.missed[name] += 1
        elif "attention" in name:
            query, key = args[0].shape, args[1].shape
            self.other += NORMALISATION_COST * query[0] * query[1] * query[2] * key[2]
        return super()._count_flops(func_packet, out, args, kwargs)  # type: ignore[no-untyped-call]


def _rules() -> dict[Any, Any]:
    found = (getattr(torch.ops.aten, name, None) for name in _FUSED_ATTENTION)
    attention = {operator: _attention for operator in found if operator is not None}
    vectors = dict.fromkeys((torch.ops.aten.mv, torch.ops.aten.dot, torch.ops.aten.vdot), _vector)
    return {**attention, **vectors, torch.ops.aten.addmv: _added_vector}


def _vector(left: Any, right: Any, *args: Any, out_shape: Any = None, **kwargs: Any) -> int:
    """A matrix or a vector times a vector."""
    return FLOP_PER_MAC * int(prod(left))


def _added_vector(added: Any, left: Any, right: Any, *args: Any, out_shape: Any = None, **kwargs: Any) -> int:
    return FLOP_PER_MAC * int(prod(left))


def _attention(query: Any, key: Any, value: Any, *args: Any, out_shape: Any = None, **kwargs: Any) -> int:
    return int(sdpa_flop_count(query, key, value))  # type: ignore[no-untyped-call]


def _other_flops(name: str, out: Any, args: Any) -> int:
    result = out[0] if isinstance(out, tuple | list) and out else out
    if name in TRANSFORMS:
        return _transform_flops(args[0], args[1])
    if name in MOVES or not isinstance(result, Tensor) or not result.is_floating_point():
        return 0
    if name in NORMALISATIONS:
        return NORMALISATION_COST * result.numel()
    if name in REDUCTIONS:
        return ELEMENTWISE_COST * int(args[0].numel())
    return ELEMENTWISE_COST * result.numel() if is_pointwise(name) else 0


def _transform_flops(signal: Tensor, dimensions: Sequence[int]) -> int:
    """5 n · log2 n for each Fourier transform of n values: the usual figure for the algorithm of Cooley and Tukey."""
    return round(5 * signal.numel() * sum(log2(signal.shape[dimension]) for dimension in dimensions))


def _name(operator: Any) -> str:
    return str(operator).removeprefix("aten.")
