"""About how much a model computes for a token, to plan by: from its configuration alone, which takes no library.

The matrices of the layers are counted, two FLOPs a weight; attention between tokens, which short texts hardly need,
is not. What is counted exactly is `benchbench.meters.flops`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from benchbench.models import zoo
from benchbench.places import Place, is_file


@dataclass(frozen=True, slots=True)
class Layer:
    """Weights of a layer's matrices: `squared` times width², and `mixed` times width × the FFN's inner width."""

    squared: float = 4
    mixed: float = 2


_LAYERS = {
    "squeezebert": Layer(1.75, 0.5),  # four groups, but for the layer after attention
    "modernbert": Layer(mixed=3),  # a gated FFN
    "mobilebert": Layer(1.1875, 2),  # attention in a bottleneck of a quarter of the width, four FFNs
}
_SIZES = {
    "width": ("hidden_size", "dim", "d_model"),
    "layers": ("num_hidden_layers", "n_layers"),
    "inner": ("intermediate_size", "hidden_dim", "d_inner"),
}
_USUAL: Mapping[str, float] = {"width": 768, "layers": 12, "inner": 3072}
_OWN: Mapping[str, Mapping[str, float]] = {
    "distilbert": {"layers": 6},
    "mobilebert": {"width": 512, "layers": 24, "inner": 512},
    "modernbert": {"layers": 22, "inner": 1152},
}
"""Sizes that a configuration of this type need not give, where they are not BERT-base's."""


def forward_flops_per_token(model: Place) -> float:
    """FLOPs of one token's way through the layers; those of BERT-base for an id on the hub, whose sizes are unknown."""
    kind, config = _configuration(model)
    sizes = {**_USUAL, **_OWN.get(kind, {})}
    for size, names in _SIZES.items():
        given = (value for name in names if isinstance(value := config.get(name), int | float))
        sizes[size] = next(given, sizes[size])
    layer, width = _LAYERS.get(kind, Layer()), sizes["width"]
    return 2 * sizes["layers"] * width * (layer.squared * width + layer.mixed * sizes["inner"])


def _configuration(model: Place) -> tuple[str, Mapping[str, object]]:
    """The type of a model and what is known of its configuration: from the zoo, or from the folder that it is."""
    row = zoo.find(model)
    if row is not None:
        return row.model_type, row.config
    if model.path is None or not is_file(model.path / "config.json"):
        return "", {}
    found = json.loads((model.path / "config.json").read_text(encoding="utf-8"))
    return (str(found.get("model_type", "")), found) if isinstance(found, dict) else ("", {})
