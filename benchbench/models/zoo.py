"""The models that suites name, one row each. A hub id or a folder serves as a model as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from benchbench import places
from benchbench.errors import InputError, unknown
from benchbench.places import Place


@dataclass(frozen=True, slots=True)
class ModelRow:
    """`config`: what differs from the architecture's default configuration in transformers.

    `hub_id` None: the model exists from random weights only. `licence`: of the weights, as the hub's card or the
    repository that published them states it; empty where neither does, or where neither was seen. `reference`: who
    described the model, and where. `longest_sequence`: tokens of the longest text, so that a suite is checked without
    a library of models; None: its configuration is asked. `revision`: the commit of the hub's repository that is
    loaded; None: its newest.
    """

    name: str
    title: str
    model_type: str
    hub_id: str | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    licence: str = ""
    reference: str = ""
    longest_sequence: int | None = None
    revision: str | None = None


def _dense(width: int, layers: int, heads: int, inner: int = 0, **others: object) -> dict[str, object]:
    """The sizes of an encoder; `inner`: width of the FFN, four times that of the model where it is not given."""
    sizes = {"hidden_size": width, "num_hidden_layers": layers, "num_attention_heads": heads}
    return {**sizes, "intermediate_size": inner or 4 * width, **others}


_UNCASED = {"vocab_size": 30522}  # as by default; said so that no library of models is imported to know it
_TINY = _dense(128, 2, 4, vocab_size=4096)
_ROBERTA = {"max_position_embeddings": 514, "type_vocab_size": 1, "layer_norm_eps": 1e-5}
_DEBERTA_V3: dict[str, Any] = {
    "relative_attention": True,
    "position_buckets": 256,
    "pos_att_type": ["p2c", "c2p"],
    "norm_rel_ebd": "layer_norm",
    "share_att_key": True,
    "position_biased_input": False,
}
_ETTIN: dict[str, Any] = {
    "max_position_embeddings": 7999,
    "classifier_pooling": "mean",
    "rope_parameters": {
        layers: {"rope_type": "default", "rope_theta": 160000.0} for layers in ("full_attention", "sliding_attention")
    },
}
_GEMMA: dict[str, Any] = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 1, "cls_token_id": 1, "sep_token_id": 1}

LOWERED = frozenset({"squeezebert"})
"""Types of models that `benchbench.models.lowering` changes."""

_IANDOLA = "Iandola et al. 2020, arXiv 2006.11316"
_DEVLIN = "Devlin et al. 2019, arXiv 1810.04805"
_TURC = "Turc et al. 2019, arXiv 1908.08962"
_SANH = "Sanh et al. 2019, arXiv 1910.01108"
_WANG = "Wang et al. 2020, arXiv 2002.10957"
_HE = "He et al. 2021, arXiv 2111.09543"
_WELLER = "Weller et al. 2025, arXiv 2507.11412"

_ROWS = (
    ModelRow(
        "squeezebert",
        "SqueezeBERT",
        "squeezebert",
        "squeezebert/squeezebert-uncased",
        _UNCASED,
        "BSD",
        _IANDOLA,
        longest_sequence=512,
    ),
    ModelRow(
        "squeezebert-mnli",
        "SqueezeBERT, from MNLI",
        "squeezebert",
        "squeezebert/squeezebert-mnli-headless",
        _UNCASED,
        "BSD",
        _IANDOLA,
        longest_sequence=512,
    ),
    ModelRow(
        "bert-base",
        "BERT-base",
        "bert",
        "google-bert/bert-base-uncased",
        _UNCASED,
        "Apache-2.0",
        _DEVLIN,
        longest_sequence=512,
    ),
    ModelRow(
        "bert-small",
        "BERT-small",
        "bert",
        "google/bert_uncased_L-4_H-512_A-8",
        _dense(512, 4, 8),
        "Apache-2.0",
        _TURC,
        longest_sequence=512,
    ),
    ModelRow(
        "bert-mini",
        "BERT-mini",
        "bert",
        "google/bert_uncased_L-4_H-256_A-4",
        _dense(256, 4, 4),
        "Apache-2.0",
        _TURC,
        longest_sequence=512,
    ),
    ModelRow(
        "distilbert",
        "DistilBERT",
        "distilbert",
        "distilbert/distilbert-base-uncased",
        _UNCASED,
        "Apache-2.0",
        _SANH,
        longest_sequence=512,
    ),
    ModelRow(
        "mobilebert",
        "MobileBERT",
        "mobilebert",
        "google/mobilebert-uncased",
        _UNCASED,
        "",
        "Sun et al. 2020, arXiv 2004.02984",
        longest_sequence=512,
    ),
    ModelRow(
        "tinybert",
        "TinyBERT, 4 layers",
        "bert",
        "huawei-noah/TinyBERT_General_4L_312D",
        _dense(312, 4, 12, 1200),
        "",
        "Jiao et al. 2020, arXiv 1909.10351",
        longest_sequence=512,
    ),
    ModelRow(
        "minilm-l6",
        "MiniLM, 6 layers",
        "bert",
        "nreimers/MiniLM-L6-H384-uncased",
        _dense(384, 6, 12),
        "MIT",
        _WANG,
        longest_sequence=512,
    ),
    ModelRow(
        "minilm-l12",
        "MiniLM, 12 layers",
        "bert",
        "microsoft/MiniLM-L12-H384-uncased",
        _dense(384, 12, 12),
        "MIT",
        _WANG,
        longest_sequence=512,
    ),
    ModelRow(
        "albert-base",
        "ALBERT-base v2",
        "albert",
        "albert/albert-base-v2",
        _dense(768, 12, 12, embedding_size=128),
        "Apache-2.0",
        "Lan et al. 2020, arXiv 1909.11942",
        longest_sequence=512,
    ),
    ModelRow(
        "electra-small",
        "ELECTRA-small",
        "electra",
        "google/electra-small-discriminator",
        _dense(256, 12, 4, embedding_size=128),
        "Apache-2.0",
        "Clark et al. 2020, arXiv 2003.10555",
        longest_sequence=512,
    ),
    ModelRow(
        "roberta-base",
        "RoBERTa-base",
        "roberta",
        "FacebookAI/roberta-base",
        _ROBERTA,
        "MIT",
        "Liu et al. 2019, arXiv 1907.11692",
        longest_sequence=512,
    ),
    ModelRow(
        "distilroberta",
        "DistilRoBERTa",
        "roberta",
        "distilbert/distilroberta-base",
        {**_ROBERTA, "num_hidden_layers": 6},
        "Apache-2.0",
        _SANH,
        longest_sequence=512,
    ),
    ModelRow(
        "xlm-r-base",
        "XLM-R-base",
        "xlm-roberta",
        "FacebookAI/xlm-roberta-base",
        {**_ROBERTA, "vocab_size": 250002},
        "MIT",
        "Conneau et al. 2020, arXiv 1911.02116",
        longest_sequence=512,
        revision="e73636d4f797dec63c3081bb6ed5c7b0bb3f2089",
    ),
    ModelRow(
        "mpnet-base",
        "MPNet-base",
        "mpnet",
        "microsoft/mpnet-base",
        {"max_position_embeddings": 514, "layer_norm_eps": 1e-5},
        "",
        "Song et al. 2020, arXiv 2004.09297",
        longest_sequence=512,
    ),
    ModelRow(
        "deberta-v3-small",
        "DeBERTa-v3-small",
        "deberta-v2",
        "microsoft/deberta-v3-small",
        _dense(768, 6, 12, **_DEBERTA_V3),
        "MIT",
        _HE,
        longest_sequence=512,
    ),
    ModelRow(
        "deberta-v3-base",
        "DeBERTa-v3-base",
        "deberta-v2",
        "microsoft/deberta-v3-base",
        _dense(768, 12, 12, **_DEBERTA_V3),
        "",
        _HE,
        longest_sequence=512,
    ),
    ModelRow(
        "modernbert-base",
        "ModernBERT-base",
        "modernbert",
        "answerdotai/ModernBERT-base",
        _dense(768, 22, 12, 1152, classifier_pooling="mean"),
        "Apache-2.0",
        "Warner et al. 2024, arXiv 2412.13663",
        longest_sequence=8192,
    ),
    ModelRow(
        "ettin-17m",
        "Ettin, 17m",
        "modernbert",
        "jhu-clsp/ettin-encoder-17m",
        _dense(256, 7, 4, 384, **_ETTIN),
        "MIT",
        _WELLER,
        longest_sequence=7999,
    ),
    ModelRow(
        "ettin-32m",
        "Ettin, 32m",
        "modernbert",
        "jhu-clsp/ettin-encoder-32m",
        _dense(384, 10, 6, 576, **_ETTIN),
        "MIT",
        _WELLER,
        longest_sequence=7999,
    ),
    ModelRow(
        "ettin-68m",
        "Ettin, 68m",
        "modernbert",
        "jhu-clsp/ettin-encoder-68m",
        _dense(512, 19, 8, 768, **_ETTIN),
        "MIT",
        _WELLER,
        longest_sequence=7999,
    ),
    ModelRow(
        "ettin-150m",
        "Ettin, 150m",
        "modernbert",
        "jhu-clsp/ettin-encoder-150m",
        _dense(768, 22, 12, 1152, **_ETTIN),
        "MIT",
        _WELLER,
        longest_sequence=7999,
    ),
    ModelRow(
        "mmbert-small",
        "mmBERT-small",
        "modernbert",
        "jhu-clsp/mmBERT-small",
        _dense(384, 22, 6, 1152, **{**_ETTIN, **_GEMMA, "max_position_embeddings": 8192, "vocab_size": 256000}),
        "MIT",
        "Marone et al. 2025, arXiv 2509.06888",
        longest_sequence=8192,
    ),
    ModelRow(
        "multilingual-e5-small",
        "Multilingual E5-small",
        "bert",
        "intfloat/multilingual-e5-small",
        _dense(384, 12, 12, vocab_size=250037),
        "MIT",
        "Wang et al. 2024, arXiv 2402.05672",
        longest_sequence=512,
        revision="fd1525a9fd15316a2d503bf26ab031a61d056e98",
    ),
    ModelRow(
        "bge-small",
        "BGE-small, English v1.5",
        "bert",
        "BAAI/bge-small-en-v1.5",
        _dense(384, 12, 12),
        "MIT",
        "Xiao et al. 2023, arXiv 2309.07597",
        longest_sequence=512,
        revision="5c38ec7c405ec4b44b94cc5a9bb96e735b38267a",
    ),
    ModelRow(
        "squeezebert-tiny",
        "SqueezeBERT, tiny",
        "squeezebert",
        config={**_TINY, "embedding_size": 128},
        longest_sequence=512,
    ),
    ModelRow("bert-tiny", "BERT, tiny (dense twin)", "bert", config=_TINY, longest_sequence=512),
)

MODELS: Mapping[str, ModelRow] = {row.name: row for row in _ROWS}


@dataclass(frozen=True, slots=True)
class LinearRow:
    """A model without an encoder: it is fitted to a task's own texts, and knows neither weights nor tokens before."""

    name: str
    title: str
    reference: str


LINEAR: Mapping[str, LinearRow] = {
    row.name: row
    for row in (
        LinearRow(
            "tfidf-logreg",
            "TF-IDF and logistic regression",
            "words and characters, scikit-learn; see benchbench.models.linear_text",
        ),
    )
}


def is_linear(model: Place) -> bool:
    """Whether `model` is fitted to texts themselves, without an encoder."""
    return model.path is None and model.name in LINEAR


def find(model: Place) -> ModelRow | None:
    """The row of `model`; None for a hub id or a folder, which need no row. Raises `InputError` for neither, and for
    a linear model, which is no encoder.
    """
    if is_linear(model):
        raise InputError(f"{model.name} is no encoder: it is fitted, scored and timed in a suite's quality block")
    if model.name in MODELS and model.path is None:
        return MODELS[model.name]
    if model.path is not None or "/" in model.name:
        return None
    raise unknown("model", model.name, MODELS)


def place(text: str) -> Place:
    """A row's name, a folder or a hub id, as people write it. Raises `InputError`."""
    return places.model(text, {**MODELS, **LINEAR})


def teacher(text: str) -> Place:
    """The same for a teacher; 'local:DIR' may be a folder of them. Raises `InputError`."""
    return places.teacher(text, MODELS)


Model = Annotated[Place, places.parsed(place)]
Teacher = Annotated[Place, places.parsed(teacher)]
