"""Which operators do no matrix work, so that every other one must have a rule or be reported as missed.

Names are those of `torch.ops.aten`. Operators that PyTorch itself marks as pointwise or as views need no entry.
"""

from __future__ import annotations

import re
from functools import cache

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
        "_masked_softmax",
        "special_softmax",
        "special_log_softmax",
        "instance_norm",
        "_fused_rms_norm",
        "_native_batch_norm_legit_no_training",
    }
)

REDUCTIONS = frozenset(
    """sum mean nansum nanmean amax amin aminmax max min median mode prod embedding_bag _embedding_bag var var_mean std
    std_mean norm linalg_vector_norm frobenius_norm logsumexp argmax argmin all any count_nonzero cumsum cumprod
    cummax cummin logcumsumexp avg_pool1d avg_pool2d adaptive_avg_pool1d adaptive_avg_pool2d
    _adaptive_avg_pool2d max_pool1d max_pool2d max_pool1d_with_indices max_pool2d_with_indices
    adaptive_max_pool1d adaptive_max_pool2d""".split()
)

ELEMENTWISE = frozenset(
    """__and__ __or__ __xor__ absolute arctan2 bernoulli complex cosine_similarity cross diff divide exponential fix
    _weight_norm _weight_norm_interface _masked_scale floor_divide geometric glu greater greater_equal isclose
    less less_equal multiply ne eq negative normal not_equal one_hot outer ger polar prelu random rsub subtract
    true_divide uniform logical_and logical_or logical_xor""".split()
)
"""Pointwise, though PyTorch does not mark every form of them so; an outer product adds nothing up."""

TRANSFORMS = frozenset({"_fft_c2c", "_fft_c2r", "_fft_r2c"})
"""Fourier transforms: n · log n additions and multiplications, no matrix product."""

MOVES = frozenset(
    """_fused_sdp_choice prim.device arange cat concat concatenate hstack vstack column_stack clone copy
    constant_pad_nd pad reflection_pad1d replication_pad1d contiguous _to_copy detach device dropout
    alpha_dropout feature_dropout native_dropout embedding embedding_renorm empty eye fill flatten flip full
    gather index index_put _index_put_impl index_select index_add index_copy index_fill take take_along_dim put
    im2col col2im item items lift_fresh linspace masked_fill masked_scatter masked_select meshgrid
    cartesian_prod new_empty new_empty_strided new_full new_ones new_zeros nonzero ones ones_like zeros_like
    empty_like full_like rand_like randn_like randint_like repeat repeat_interleave tile reshape resize roll
    rot90 scalar_tensor scatter scatter_add scatter_reduce slice_scatter select_scatter diagonal_scatter stack
    block_diag diag diag_embed tril triu to type_as _unsafe_view _unsafe_index _reshape_copy where zero zeros
    pixel_shuffle pixel_unshuffle channel_shuffle unbind_copy split_copy sort argsort msort topk kthvalue
    searchsorted bucketize isin unique_consecutive _unique2 unique_dim bincount multinomial allclose equal
    is_nonzero is_floating_point is_same_size _local_scalar_dense _is_all_true _is_any_true _assert_async
    _functional_assert_async Int Float Bool ScalarImplicit IntImplicit FloatImplicit size sym_size numel dim len
    stride numpy_T broadcast_tensors atleast_1d atleast_2d atleast_3d pad_sequence upsample_nearest1d
    upsample_nearest2d""".split()
)
"""Tensors made, moved, gathered, ordered or looked at: no arithmetic."""

_LINEAR_ALGEBRA = re.compile(
    r"linalg|matrix|chole|svd|qr|lu_|_lu|pdist|inverse|det$|nuclear|cov$|corrcoef|mm|matmul|prod|attention|conv"
)


@cache
def does_no_matrix_work(name: str) -> bool:
    """Whether the operator `name` (the form that writes in place alike) does none.

    Known to do none, or unable to: what takes one tensor at most multiplies no two, unless it is of linear algebra.
    """
    if not name.endswith("__"):
        name = name.removesuffix("_")
    known = MOVES | REDUCTIONS | NORMALISATIONS | ELEMENTWISE | TRANSFORMS
    return name in known or is_pointwise(name) or _is_view(name) or _takes_one_tensor_at_most(name)


@cache
def is_pointwise(name: str) -> bool:
    """Whether the operator works on each element alone: every form of it that makes a new tensor from tensors."""
    forms = _forms(name)
    return name in ELEMENTWISE or (bool(forms) and all(torch.Tag.pointwise in form.tags for form in forms))


def _is_view(name: str) -> bool:
    """Whether the results are the inputs' own memory, looked at in another shape."""
    forms = _forms(name)
    return bool(forms) and all(r.alias_info and not r.alias_info.is_write for f in forms for r in f._schema.returns)


def _takes_one_tensor_at_most(name: str) -> bool:
    forms = [form for form in _overloads(name) if not form._schema.is_mutable]
    taken = [[str(a.type) for a in form._schema.arguments if "Tensor" in str(a.type)] for form in forms]
    few = all(len(types) < 2 and "List[Tensor]" not in types for types in taken)
    return bool(forms) and few and not _LINEAR_ALGEBRA.search(name)


def _forms(name: str) -> list[torch._ops.OpOverload]:
    """The overloads of an operator that take a tensor first, write to none and give something."""
    return [o for o in _overloads(name) if _takes_tensor(o) and not o._schema.is_mutable and o._schema.returns]


def _overloads(name: str) -> list[torch._ops.OpOverload]:
    packet = getattr(torch.ops.aten, name, None)
    return [getattr(packet, overload) for overload in packet.overloads()] if packet else []


def _takes_tensor(overload: torch._ops.OpOverload) -> bool:
    arguments = overload._schema.arguments
    return bool(arguments) and "Tensor" in str(arguments[0].type)
