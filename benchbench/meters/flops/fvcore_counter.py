"""FLOPs from a traced graph with fvcore, with handlers for the operators it skips.

fvcore counts multiply-accumulates; the results here are doubled. It has no handler for
`scaled_dot_product_attention` and `baddbmm`, and counts normalisation, which headline FLOPs leave out.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from fvcore.nn import FlopCountAnalysis
from torch import nn

_MATRIX_WORK = ("mm", "matmul", "conv", "attention", "linear", "einsum", "dot")
_NORMALISATION = ("layer_norm", "batch_norm", "group_norm", "instance_norm")


@dataclass(frozen=True)
class GraphCount:
    """`by_operator` in FLOPs. `missed`: operators that multiply matrices but have no handler."""

    flops: int
    by_operator: Mapping[str, int]
    missed: tuple[str, ...]


def count(model: nn.Module, inputs: Mapping[str, torch.Tensor]) -> GraphCount:
    """Trace `model` (a module that takes the tensors of `inputs` in their order) and count."""
    logging.getLogger("fvcore").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of Python branches; shapes are fixed here
        analysis = FlopCountAnalysis(model, tuple(inputs.values()))
        analysis.set_op_handle("aten::scaled_dot_product_attention", _attention_macs)
        analysis.set_op_handle("aten::baddbmm", _baddbmm_macs)
        analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        counted = {name: int(macs) for name, macs in analysis.by_operator().items()}
        skipped = analysis.unsupported_ops()
    by_operator = {name: 2 * macs for name, macs in counted.items() if name not in _NORMALISATION}
    missed = sorted(name for name in skipped if any(word in name for word in _MATRIX_WORK))
    return GraphCount(sum(by_operator.values()), by_operator, tuple(missed))


def _attention_macs(inputs: list[Any], _: list[Any]) -> int:
    query, key, value = (_shape(put) for put in inputs[:3])
    return int(prod(query[:-1]) * key[-2] * (query[-1] + value[-1]))


def _baddbmm_macs(inputs: list[Any], _: list[Any]) -> int:
    first, second = _shape(inputs[1]), _shape(inputs[2])
    return int(prod(first) * second[-1])


def _shape(value: Any) -> list[int]:
    return list(value.type().sizes())
