"""Which operators do no matrix work, so that every other one must have a rule or be reported as missed.

Names are those of `torch.ops.aten`. Operators that PyTorch itself marks as pointwise or as views need no entry.
"""

from __future__ import annotations

import torch

ELEMENTWISE_COST = 1
"""FLOP for each element of a pointwise operator's result, whatever the function (an exponential counts as an add)."""

NORMALISATION_COST = 5
"""FLOP for each element of a normalisation: fvcore's figure for a layer norm (`norm_flop_counter`); a softmax has as
many steps: largest, subtract, exponential, sum, divide."""

NORMALISATIONS = frozenset(
    {
        "native_layer_norm",
        "layer_norm",
        "native_batch_norm",
        "batch_norm",
        "native_group_norm",
        "group_norm",
        "rms_norm",
        "softmax",
        "_softmax",
        "_safe_softmax",
        "log_softmax",
        "_log_softmax",
    }
)

REDUCTIONS = frozenset({"sum", "mean", "amax", "amin", "max", "min", "var", "var_mean", "norm", "cumsum"})

MOVES = frozenset(
    {
        # tensors made, moved, gathered or looked at: no arithmetic
        "arange",
        "cat",
        "clone",
        "constant_pad_nd",
        "contiguous",
        "copy_",
        "_to_copy",
        "detach",
        "dropout",
        "embedding",
        "empty",
        "empty_like",
        "fill",
        "flatten",
        "full",
        "full_like",
        "gather",
        "index",
        "index_put_",
        "index_select",
        "lift_fresh",
        "masked_fill",
        "native_dropout",
        "new_empty",
        "new_full",
        "new_ones",
        "new_zeros",
        "nonzero",
        "ones",
        "ones_like",
        "pad",
        "repeat",
        "reshape",
        "roll",
        "scalar_tensor",
        "scatter",
        "slice_scatter",
        "stack",
        "to",
        "type_as",
        "_unsafe_view",
        "where",
        "zero_",
        "zeros",
        "zeros_like",
        "Int",
        "ScalarImplicit",
        "size",
        "numpy_T",
        "_local_scalar_dense",
        "all",
        "any",
        "is_nonzero",
    }
)


def does_no_matrix_work(name: str) -> bool:
    """Whether the operator `name` is known to do none."""
    return name in MOVES | REDUCTIONS | NORMALISATIONS or is_pointwise(name) or _is_view(name)


def is_pointwise(name: str) -> bool:
    """Whether PyTorch marks every form of the operator that makes a new tensor from tensors as pointwise."""
    forms = _forms(name)
    return bool(forms) and all(torch.Tag.pointwise in form.tags for form in forms)


def _is_view(name: str) -> bool:
    """Whether the results are the inputs' own memory, looked at in another shape."""
    forms = _forms(name)
    return bool(forms) and all(r.alias_info and not r.alias_info.is_write for f in forms for r in f._schema.returns)


def _forms(name: str) -> list[torch._ops.OpOverload]:
    """The overloads of an operator that take a tensor first and write to none."""
    packet = getattr(torch.ops.aten, name, None)
    overloads = [getattr(packet, overload) for overload in packet.overloads()] if packet else []
    return [o for o in overloads if _takes_tensor(o) and not o._schema.is_mutable and o._schema.returns]


def _takes_tensor(overload: torch._ops.OpOverload) -> bool:
    arguments = overload._schema.arguments
    return bool(arguments) and "Tensor" in str(arguments[0].type)
