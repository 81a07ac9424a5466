"""The models that suites name, one row each. A hub id or a folder serves as a model as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from benchbench import places
from benchbench.errors import unknown
from benchbench.places import Place


@dataclass(frozen=True, slots=True)
class ModelRow:
    """`config`: what differs from the architecture's default configuration in transformers.

    `hub_id` None: the model exists from random weights only.
    """

    name: str
    title: str
    model_type: str
    hub_id: str | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    reference: str = ""


_TINY = {
    "vocab_size": 4096,
    "embedding_size": 128,
    "hidden_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 512,
}
_TINY_DENSE = {key: value for key, value in _TINY.items() if key != "embedding_size"}

MODELS: Mapping[str, ModelRow] = {
    row.name: row
    for row in (
        ModelRow(
            "squeezebert",
            "SqueezeBERT",
            "squeezebert",
            "squeezebert/squeezebert-uncased",
            reference="Iandola et al. 2020, arXiv 2006.11316",
        ),
        ModelRow(
            "squeezebert-mnli",
            "SqueezeBERT, from MNLI",
            "squeezebert",
            "squeezebert/squeezebert-mnli-headless",
            reference="Iandola et al. 2020, arXiv 2006.11316",
        ),
        ModelRow(
            "bert-base",
            "BERT-base",
            "bert",
            "google-bert/bert-base-uncased",
            reference="Devlin et al. 2019, arXiv 1810.04805",
        ),
        ModelRow(
            "distilbert",
            "DistilBERT",
            "distilbert",
            "distilbert/distilbert-base-uncased",
            reference="Sanh et al. 2019, arXiv 1910.01108",
        ),
        ModelRow(
            "mobilebert",
            "MobileBERT",
            "mobilebert",
            "google/mobilebert-uncased",
            reference="Sun et al. 2020, arXiv 2004.02984",
        ),
        ModelRow(
            "tinybert",
            "TinyBERT, 4 layers",
            "bert",
            "huawei-noah/TinyBERT_General_4L_312D",
            {"hidden_size": 312, "num_hidden_layers": 4, "num_attention_heads": 12, "intermediate_size": 1200},
            "Jiao et al. 2020, arXiv 1909.10351",
        ),
        ModelRow(
            "minilm-l6",
            "MiniLM, 6 layers",
            "bert",
            "nreimers/MiniLM-L6-H384-uncased",
            {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536},
            "Wang et al. 2020, arXiv 2002.10957",
        ),
        ModelRow(
            "albert-base",
            "ALBERT-base v2",
            "albert",
            "albert/albert-base-v2",
            {
                "hidden_size": 768,
                "num_attention_heads": 12,
                "intermediate_size": 3072,
                "num_hidden_layers": 12,
                "embedding_size": 128,
            },
            "Lan et al. 2020, arXiv 1909.11942",
        ),
        ModelRow(
            "electra-small",
            "ELECTRA-small",
            "electra",
            "google/electra-small-discriminator",
            {
                "embedding_size": 128,
                "hidden_size": 256,
                "num_hidden_layers": 12,
                "num_attention_heads": 4,
                "intermediate_size": 1024,
            },
            "Clark et al. 2020, arXiv 2003.10555",
        ),
        ModelRow("squeezebert-tiny", "SqueezeBERT, tiny", "squeezebert", config=_TINY),
        ModelRow("bert-tiny", "BERT, tiny (dense twin)", "bert", config=_TINY_DENSE),
    )
}


def find(model: Place) -> ModelRow | None:
    """The row of `model`; None for a hub id or a folder, which need no row. Raises `InputError` for neither."""
    if model.name in MODELS and model.path is None:
        return MODELS[model.name]
    if model.path is not None or "/" in model.name:
        return None
    raise unknown("model", model.name, MODELS)


def place(text: str) -> Place:
    """A row's name, a folder or a hub id, as people write it. Raises `InputError`."""
    return places.model(text, MODELS)


def teacher(text: str) -> Place:
    """The same for a teacher; 'local:DIR' may be a folder of them. Raises `InputError`."""
    return places.teacher(text, MODELS)


Model = Annotated[Place, places.parsed(place)]
Teacher = Annotated[Place, places.parsed(teacher)]
