"""The count from the configuration alone, by the formulas of the architectures. No model is built or run.

T = batch · tokens; a linear layer from a to b takes T·a·b multiply-accumulates, a grouped one T·a·b / groups; attention
takes T·tokens·width for the scores and as much for their product with the values.

Work is counted as the model executes it. ModernBERT's local attention is a mask over scores of all tokens with all, and
so it is counted; an engine with kernels for windows does less. DeBERTa's tables of relative positions are projected in
each layer once a batch, whatever its size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from benchbench.meters.flops.layer_types import (
    ATTENTION_OUTPUT,
    BOTTLENECK,
    CLASSIFIER,
    CONVOLUTION,
    EMBEDDING,
    FFN,
    PRODUCTS,
    QKV,
)

Head = Literal["sequence-classification", "token-classification", "question-answering"]
Macs = dict[str, int]


class NoClosedForm(Exception):
    """The architecture has no formula here; the message names it."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is run: `batch` examples of `tokens` tokens through a model with this `head`."""

    batch: int
    tokens: int
    head: Head

    @property
    def positions(self) -> int:
        return self.batch * self.tokens

    def products(self, width: int) -> int:
        """MACs of the attention products of one layer whose heads together are `width` wide."""
        return 2 * self.positions * self.tokens * width

    def task_layer(self, width: int, labels: int, hidden: int = 0) -> int:
        """MACs of the head: once an example, after dense layers of `hidden` MACs, or once a token."""
        if self.head == "sequence-classification":
            return self.batch * (hidden + width * labels)
        return self.positions * width * labels


def macs(config: Any, query: Query) -> Macs:
    """Multiply-accumulates by layer type. `config`: a configuration of transformers. Raises `NoClosedForm`."""
    formula = _FORMULAS.get(config.model_type)
    if formula is None:
        raise NoClosedForm(f"no closed form for {config.model_type}")
    return {part: number for part, number in formula(config, query).items() if number}


def _bert(config: Any, query: Query) -> Macs:
    """And RoBERTa and MPNet, whose heads have their dense layer after the encoder in place of BERT's pooler in it."""
    width = config.hidden_size
    return {
        **_dense_layers(config, query, config.num_hidden_layers),
        CLASSIFIER: query.task_layer(width, config.num_labels, hidden=width * width),
    }


def _distilbert(config: Any, query: Query) -> Macs:
    width, layers = config.dim, config.n_layers
    return {
        QKV: layers * 3 * query.positions * width * width,
        PRODUCTS: layers * query.products(width),
        ATTENTION_OUTPUT: layers * query.positions * width * width,
        FFN: layers * 2 * query.positions * width * config.hidden_dim,
        CLASSIFIER: query.task_layer(width, config.num_labels, hidden=width * width),
    }


def _albert(config: Any, query: Query) -> Macs:
    width = config.hidden_size
    return {
        EMBEDDING: query.positions * config.embedding_size * width,
        **_dense_layers(config, query, config.num_hidden_layers * config.inner_group_num),
        CLASSIFIER: query.task_layer(width, config.num_labels, hidden=width * width),
    }


def _electra(config: Any, query: Query) -> Macs:
    width = config.hidden_size
    projected = config.embedding_size != width
    return {
        EMBEDDING: query.positions * config.embedding_size * width if projected else 0,
        **_dense_layers(config, query, config.num_hidden_layers),
        CLASSIFIER: query.task_layer(width, config.num_labels, hidden=width * width),
    }


def _squeezebert(config: Any, query: Query) -> Macs:
    width, layers = config.hidden_size, config.num_hidden_layers
    square = query.positions * width * width
    expansion = query.positions * width * config.intermediate_size
    pooler = query.batch * width * width
    if query.head == "sequence-classification":
        pooler = 0  # in `task_layer`
    return {
        QKV: layers * (square // config.q_groups + square // config.k_groups + square // config.v_groups),
        PRODUCTS: layers * query.products(width),
        ATTENTION_OUTPUT: layers * (square // config.post_attention_groups),
        FFN: layers * (expansion // config.intermediate_groups + expansion // config.output_groups),
        CLASSIFIER: query.task_layer(width, config.num_labels, hidden=width * width) + pooler,
    }


def _mobilebert(config: Any, query: Query) -> Macs:
    """Sun et al. 2020: thin layers (`true_hidden_size`) between bottlenecks, several FFNs in each."""
    wide, thin, layers = config.hidden_size, config.true_hidden_size, config.num_hidden_layers
    positions = query.positions
    trigrams = 3 if config.trigram_input else 1
    projected = config.trigram_input or config.embedding_size != wide
    value_in = thin if config.use_bottleneck_attention or not config.use_bottleneck else wide
    query_in = thin if config.use_bottleneck_attention or config.key_query_shared_bottleneck else wide
    bottlenecks = 0
    if config.use_bottleneck:
        shared = config.key_query_shared_bottleneck and not config.use_bottleneck_attention
        bottlenecks = (3 if shared else 2) * positions * wide * thin  # in, out, and in for the attention
    pooler = wide * wide if config.classifier_activation else 0
    return {
        EMBEDDING: positions * config.embedding_size * trigrams * wide if projected else 0,
        QKV: layers * positions * thin * (2 * query_in + value_in),
        PRODUCTS: layers * query.products(thin),
        ATTENTION_OUTPUT: layers * positions * thin * thin,
        FFN: layers * config.num_feedforward_networks * 2 * positions * thin * config.intermediate_size,
        BOTTLENECK: layers * bottlenecks,
        CLASSIFIER: query.task_layer(wide, config.num_labels, hidden=pooler),
    }


def _modernbert(config: Any, query: Query) -> Macs:
    """Warner et al. 2024: gated FFNs, and a dense layer in the head, once an example or once a token as the head is."""
    width, layers = config.hidden_size, config.num_hidden_layers
    square = query.positions * width * width
    heads = query.batch if query.head == "sequence-classification" else query.positions
    return {
        QKV: layers * 3 * square,
        PRODUCTS: layers * query.products(width),
        ATTENTION_OUTPUT: layers * square,
        FFN: layers * 3 * query.positions * width * config.intermediate_size,
        CLASSIFIER: heads * width * (width + config.num_labels),
    }


def _deberta_v2(config: Any, query: Query) -> Macs:
    """He et al. 2021: content by position and position by content beside content by content, if asked for."""
    width, layers = config.hidden_size, config.num_hidden_layers
    dense = _dense_layers(config, query, layers)
    relative = [kind for kind in ("c2p", "p2c") if config.relative_attention and kind in config.pos_att_type]
    span = config.max_relative_positions if config.max_relative_positions > 0 else config.max_position_embeddings
    table = 2 * (config.position_buckets if config.position_buckets > 0 else span)
    projected = 2 if relative and config.share_att_key else len(relative)
    embedded = getattr(config, "embedding_size", width)
    pooled = config.pooler_hidden_size
    if query.head == "sequence-classification":
        head = query.batch * pooled * (pooled + config.num_labels)
    else:
        head = query.task_layer(width, config.num_labels)
    kernel = getattr(config, "conv_kernel_size", 0)
    return {
        **dense,
        EMBEDDING: query.positions * embedded * width if embedded != width else 0,
        QKV: dense[QKV] + layers * projected * table * width * width,
        PRODUCTS: dense[PRODUCTS] + layers * len(relative) * query.positions * table * width,
        CONVOLUTION: query.positions * width * width * kernel // getattr(config, "conv_groups", 1),
        CLASSIFIER: head,
    }


def _dense_layers(config: Any, query: Query, layers: int) -> Macs:
    width = config.hidden_size
    square = query.positions * width * width
    return {
        QKV: layers * 3 * square,
        PRODUCTS: layers * query.products(width),
        ATTENTION_OUTPUT: layers * square,
        FFN: layers * 2 * query.positions * width * config.intermediate_size,
    }


_FORMULAS: Mapping[str, Callable[[Any, Query], Macs]] = {
    "albert": _albert,
    "bert": _bert,
    "camembert": _bert,
    "deberta-v2": _deberta_v2,
    "distilbert": _distilbert,
    "electra": _electra,
    "mobilebert": _mobilebert,
    "modernbert": _modernbert,
    "mpnet": _bert,
    "roberta": _bert,
    "squeezebert": _squeezebert,
    "xlm-roberta": _bert,
}
