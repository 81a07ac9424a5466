"""FLOPs of a model by name: what `benchbench flops` prints."""

from __future__ import annotations

from typing import Any

from benchbench.meters.flops.counting import count
from benchbench.models import loading
from benchbench.models.logits import Logits
from benchbench.models.source import ModelSource


def flop_report(model: str, batch_size: int = 1, sequence_length: int = 128) -> dict[str, Any]:
    """The counts as plain data, for `--json`. Raises `InputError` for an unknown model."""
    source = ModelSource(model)
    module = loading.build(source)
    found = count(Logits(module).eval(), loading.config(source), batch_size, sequence_length)
    return {
        "model": model,
        "batch_size": batch_size,
        "sequence_length": sequence_length,
        "parameters": sum(p.numel() for p in module.parameters()),
        "macs": found.macs,
        "flops": found.flops,
        "other_flops": found.other_flops,
        "by_operator": dict(found.by_operator),
        "by_module": dict(found.by_module),
        "by_layer_type": dict(found.by_layer),
        "counters": dict(found.counters),
        "agree": found.agree,
        "missed": {name: list(operators) for name, operators in found.missed.items() if operators},
    }
