"""The three counts side by side, and what they are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn

from benchbench.errors import InputError
from benchbench.meters.flops import fvcore_counter, torch_counter
from benchbench.meters.flops.closed_form import closed_form

if TYPE_CHECKING:
    from transformers import PretrainedConfig

LAYER_TYPES: Mapping[str, str] = {
    "embedding": r"embedding",
    "classifier": r"classifier|pooler|\.pre_classifier",
    "Q/K/V": r"\.(query|key|value|q_lin|k_lin|v_lin|attention\.self)$",
    "attention output": r"(post_attention|attention\.output\.dense|out_lin|attention\.dense)",
    "FFN": r"(intermediate|output|ffn|lin1|lin2|bottleneck)",
}
"""Layer types by a pattern in the names of modules, the first that matches."""

ATTENTION_PRODUCTS = "attention products"


@dataclass(frozen=True)
class FlopCount:
    """`flops`: headline FLOPs. `other_flops`: everything that is not matrix work. `by_layer`: FLOPs by layer type.

    `counters`: FLOPs by counter; None for one that missed an operator or has no formula. `missed`: by counter, why.
    """

    flops: int
    other_flops: int
    by_operator: Mapping[str, int]
    by_module: Mapping[str, int]
    by_layer: Mapping[str, int]
    counters: Mapping[str, int | None]
    missed: Mapping[str, tuple[str, ...]]

    @property
    def macs(self) -> int:
        return self.flops // 2

    @property
    def agree(self) -> bool:
        """Whether all three counters gave the same number."""
        return None not in self.counters.values() and len(set(self.counters.values())) == 1


def count(model: nn.Module, config: PretrainedConfig, batch_size: int, sequence_length: int) -> FlopCount:
    """Count a forward pass of `model`, which takes `input_ids`, `attention_mask` and `token_type_ids` on a CPU.

    Raises `InputError` when PyTorch's counter misses an operator: then no number is better than a wrong one.
    """
    ids = torch.ones(batch_size, sequence_length, dtype=torch.int64)
    inputs = {"input_ids": ids, "attention_mask": ids, "token_type_ids": torch.zeros_like(ids)}
    dispatched = torch_counter.count(model, inputs)
    if dispatched.missed:
        raise InputError(f"FLOPs cannot be counted: no formula for {', '.join(dispatched.missed)}")
    traced = fvcore_counter.count(model, inputs)
    by_formula, reason = _by_formula(config, batch_size, sequence_length)
    leaves = _leaves(model, dispatched.by_module)
    return FlopCount(
        flops=dispatched.flops,
        other_flops=dispatched.other_flops,
        by_operator=dispatched.by_operator,
        by_module=leaves,
        by_layer=by_layer(leaves, dispatched.flops),
        counters={
            "closed_form": by_formula,
            "fvcore": None if traced.missed else traced.flops,
            "torch": dispatched.flops,
        },
        missed={"closed_form": reason, "fvcore": traced.missed, "torch": dispatched.missed},
    )


def by_layer(leaves: Mapping[str, int], total: int) -> dict[str, int]:
    """FLOPs of each layer type; what no module has to itself are the two products of attention."""
    found = dict.fromkeys((*LAYER_TYPES, ATTENTION_PRODUCTS, "other"), 0)
    for name, flops in leaves.items():
        found[layer_type(name)] += flops
    found[ATTENTION_PRODUCTS] += total - sum(leaves.values())
    return {name: flops for name, flops in found.items() if flops}


def layer_type(module: str) -> str:
    """The layer type of a module by its full name; 'other' where no pattern matches."""
    return next((name for name, pattern in LAYER_TYPES.items() if re.search(pattern, module)), "other")


def _by_formula(config: PretrainedConfig, batch_size: int, sequence_length: int) -> tuple[int | None, tuple[str, ...]]:
    try:
        return closed_form(config, batch_size, sequence_length), ()
    except InputError as error:
        return None, (str(error),)


def _leaves(model: nn.Module, by_module: Mapping[str, int]) -> dict[str, int]:
    """FLOPs of the modules that hold weights of their own, by name below `model`."""
    prefix = f"{type(model).__name__}."
    counted = {name.removeprefix(prefix): flops for name, flops in by_module.items()}
    return {
        name: counted[name]
        for name, module in model.named_modules()
        if name in counted and next(module.parameters(recurse=False), None) is not None
    }
