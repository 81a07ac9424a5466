"""FLOPs from a configuration alone, by the formulas of each architecture's paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from benchbench.errors import unknown

if TYPE_CHECKING:
    from transformers import PretrainedConfig


def closed_form(config: PretrainedConfig, batch_size: int, sequence_length: int) -> int:
    """FLOPs of a sequence classifier's forward pass. Raises `InputError` for an architecture without a formula."""
    if config.model_type not in _MACS:
        raise unknown("architecture", config.model_type, _MACS)
    return 2 * _MACS[config.model_type](config, batch_size, sequence_length)


def _attention_products(width: int, batch: int, tokens: int) -> int:
    """Query times key, then weights times value: two products of tokens × tokens × width in all heads together."""
    return 2 * batch * tokens * tokens * width


def _bert(c: Any, batch: int, tokens: int) -> int:
    """Devlin et al. 2019: Q, K, V and output projections, a feed-forward network, a pooler on the first token."""
    layer = 4 * c.hidden_size**2 + 2 * c.hidden_size * c.intermediate_size
    layers = c.num_hidden_layers * (batch * tokens * layer + _attention_products(c.hidden_size, batch, tokens))
    return int(layers + batch * (c.hidden_size**2 + c.hidden_size * c.num_labels))


def _squeezebert(c: Any, batch: int, tokens: int) -> int:
    """Iandola et al. 2020: BERT's layers as pointwise convolutions, all but the one after attention in groups."""
    h, inner = c.hidden_size, c.intermediate_size
    qkv = h * h // c.q_groups + h * h // c.k_groups + h * h // c.v_groups
    rest = h * h // c.post_attention_groups + h * inner // c.intermediate_groups + inner * h // c.output_groups
    layers = c.num_hidden_layers * (batch * tokens * (qkv + rest) + _attention_products(h, batch, tokens))
    embedding = batch * tokens * c.embedding_size * h if c.embedding_size != h else 0
    return int(embedding + layers + batch * (h * h + h * c.num_labels))


def _distilbert(c: Any, batch: int, tokens: int) -> int:
    """Sanh et al. 2019: half of BERT's layers; a dense layer before the classifier in the pooler's place."""
    layer = 4 * c.dim**2 + 2 * c.dim * c.hidden_dim
    layers = c.n_layers * (batch * tokens * layer + _attention_products(c.dim, batch, tokens))
    return int(layers + batch * (c.dim**2 + c.dim * c.num_labels))


def _mobilebert(c: Any, batch: int, tokens: int) -> int:
    """Sun et al. 2020: bottlenecks around narrow layers with stacked feed-forward networks; embedding of trigrams."""
    h, narrow, inner = c.hidden_size, c.intra_bottleneck_size, c.intermediate_size
    bottlenecks = (1 if c.key_query_shared_bottleneck else 0) + 1
    value_width = h if c.key_query_shared_bottleneck and not c.use_bottleneck_attention else narrow
    attention = 2 * narrow * narrow + value_width * narrow + narrow * narrow
    layer = bottlenecks * h * narrow + attention + c.num_feedforward_networks * 2 * narrow * inner + narrow * h
    layers = c.num_hidden_layers * (batch * tokens * layer + _attention_products(narrow, batch, tokens))
    trigrams = 3 if c.trigram_input else 1
    embedding = batch * tokens * trigrams * c.embedding_size * h
    pooler = batch * h * h if c.classifier_activation else 0
    return int(embedding + layers + pooler + batch * h * c.num_labels)


def _albert(c: Any, batch: int, tokens: int) -> int:
    """Lan et al. 2020: BERT's layers with shared weights, which computes as much; a factorised embedding."""
    return int(batch * tokens * c.embedding_size * c.hidden_size + _bert(c, batch, tokens))


def _electra(c: Any, batch: int, tokens: int) -> int:
    """Clark et al. 2020: BERT's layers, an embedding of its own width, a dense layer before the classifier."""
    projection = batch * tokens * c.embedding_size * c.hidden_size if c.embedding_size != c.hidden_size else 0
    return int(projection + _bert(c, batch, tokens))


_MACS: Mapping[str, Callable[[Any, int, int], int]] = {
    "albert": _albert,
    "bert": _bert,
    "distilbert": _distilbert,
    "electra": _electra,
    "mobilebert": _mobilebert,
    "squeezebert": _squeezebert,
}
