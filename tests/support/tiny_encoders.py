"""Small configurations of encoders, one of each architecture, as folders with a config.json: bring your own model."""

import json
from pathlib import Path

from benchbench.models.source import ModelSource

_BERT = {
    "vocab_size": 500,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 128,
    "max_position_embeddings": 130,
}
_ROBERTA = {**_BERT, "pad_token_id": 1, "type_vocab_size": 1, "bos_token_id": 0, "eos_token_id": 2}
_MODERNBERT = {
    **_BERT,
    "num_hidden_layers": 3,
    "local_attention": 32,
    "pad_token_id": 0,
    "bos_token_id": 2,
    "cls_token_id": 2,
    "eos_token_id": 3,
    "sep_token_id": 3,
}
_GROUPS = ("q", "k", "v", "intermediate", "output")

OF_THE_ZOO = {
    "bert": _BERT,
    "albert": {**_BERT, "embedding_size": 32},
    "distilbert": {
        "vocab_size": 500,
        "dim": 64,
        "n_layers": 2,
        "n_heads": 2,
        "hidden_dim": 128,
        "max_position_embeddings": 130,
    },
    "electra": {**_BERT, "embedding_size": 32},
    "mobilebert": {**_BERT, "embedding_size": 32, "intra_bottleneck_size": 32, "num_feedforward_networks": 2},
    "squeezebert": {**_BERT, "embedding_size": 64, **{f"{layer}_groups": 4 for layer in _GROUPS}},
    "roberta": _ROBERTA,
    "xlm-roberta": _ROBERTA,
    "mpnet": {**_BERT, "pad_token_id": 1},
    "deberta-v2": {
        **_BERT,
        "type_vocab_size": 0,
        "relative_attention": True,
        "position_buckets": 16,
        "pos_att_type": ["p2c", "c2p"],
        "norm_rel_ebd": "layer_norm",
        "share_att_key": True,
        "position_biased_input": False,
    },
    "modernbert": _MODERNBERT,
}
"""By model type, one of each that a row of the zoo has."""

OTHERS = {
    "camembert": _ROBERTA,
    "fnet": {key: value for key, value in _BERT.items() if key != "num_attention_heads"},
    "funnel": {
        "vocab_size": 500,
        "d_model": 64,
        "d_inner": 128,
        "n_head": 2,
        "d_head": 32,
        "block_sizes": [1, 1],
        "num_decoder_layers": 1,
    },
    "nystromformer": {**_BERT, "num_landmarks": 16, "segment_means_seq_len": 16, "conv_kernel_size": 5},
    "convbert": {**_BERT, "num_attention_heads": 4, "embedding_size": 64},
    "big_bird": _BERT,
}
"""Architectures that no row has and no formula counts, but for the first."""


def write(folder: Path, model_type: str, **changes: object) -> ModelSource:
    """The tiny encoder of this type as a folder, with random weights."""
    settings = {**OF_THE_ZOO, **OTHERS}[model_type]
    place = folder / model_type
    place.mkdir(parents=True, exist_ok=True)
    (place / "config.json").write_text(json.dumps({"model_type": model_type, **settings, **changes}))
    return ModelSource(str(place))  # parsed as a folder
