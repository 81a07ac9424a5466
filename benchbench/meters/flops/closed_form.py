"""The count from the configuration alone, by the formulas of the architectures. No model is built or run.

T = batch · tokens; a linear layer from a to b takes T·a·b multiply-accumulates, a grouped one T·a·b / groups; attention
takes T·tokens·width for the scores and as much for their product with the values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from benchbench.meters.flops.layer_types import (
    ATTENTION_OUTPUT,
    BOTTLENECK,
    CLASSIFIER,
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
        raise NoClosedForm(f"no closed form for the architecture {config.model_type!r}")
    return {part: number for part, number in formula(config, query).items() if number}


def _bert(config: Any, query: Query) -> Macs:
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
    "distilbert": _distilbert,
    "electra": _electra,
    "mobilebert": _mobilebert,
    "squeezebert": _squeezebert,
}
