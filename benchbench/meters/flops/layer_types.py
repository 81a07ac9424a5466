"""Which part of an encoder a module belongs to: the rows of a table that says where the work goes."""

from __future__ import annotations

import re
from collections.abc import Mapping

EMBEDDING = "embedding"
QKV = "Q/K/V"
PRODUCTS = "attention products"
ATTENTION_OUTPUT = "attention output"
FFN = "FFN"
BOTTLENECK = "bottleneck"
CONVOLUTION = "convolution"
CLASSIFIER = "classifier"
OTHER = "other"

LAYER_TYPES = (EMBEDDING, QKV, PRODUCTS, ATTENTION_OUTPUT, FFN, BOTTLENECK, CONVOLUTION, CLASSIFIER, OTHER)

# The names that transformers gives to the modules of its encoders; the first pattern that is found decides.
_PATTERNS = (
    (CLASSIFIER, r"(^|\.)(pre_)?(classifier|pooler)\w*(\.|$)|(^|\.)qa_outputs$|^head(\.|$)"),
    (EMBEDDING, r"embedding"),
    (OTHER, r"(layer_?norm|norm|dropout)$|attention\.output$"),
    (BOTTLENECK, r"bottleneck"),
    (QKV, r"\.(query|key|value|[qkv](_lin)?|(pos_)?(query|key|value)_proj|Wqkv)$"),
    (ATTENTION_OUTPUT, r"attention\.(output\.)?(dense|out_lin)$|post_attention\.conv1d$|attn\.(o|Wo|out_drop)$"),
    (PRODUCTS, r"(attention|attn)(\.self)?(\.(matmul_\w+|softmax))?$"),
    (FFN, r"(intermediate|output)\.\w+$|\.ffn(_output)?$|\.ffn\.lin[12]$|activation$|\.mlp(\.\w+)?$"),
    (CONVOLUTION, r"\.conv(\.conv)?$"),
)


def layer_type(module: str) -> str:
    """The part that the module with this dotted name belongs to; 'other' for containers, norms and residuals."""
    for part, pattern in _PATTERNS:
        if re.search(pattern, module, re.IGNORECASE):
            return part
    return OTHER


def exclusive(by_module: Mapping[str, float]) -> dict[str, float]:
    """Each module's own share, that of the modules in it taken off; `by_module` counts a module with all within it."""
    own = dict(by_module)
    for name, value in by_module.items():
        parent = name.rpartition(".")[0]
        while parent and parent not in own:
            parent = parent.rpartition(".")[0]
        if parent:
            own[parent] -= value
    return own


def by_layer_type(own: Mapping[str, float]) -> dict[str, float]:
    """Sums of each module's own share by part; parts with nothing are left out."""
    sums = dict.fromkeys(LAYER_TYPES, 0.0)
    for name, value in own.items():
        sums[layer_type(name)] += value
    return {part: value for part, value in sums.items() if value}
