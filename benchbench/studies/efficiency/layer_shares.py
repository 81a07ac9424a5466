"""Where the time of a model goes in PyTorch, by layer type."""

from __future__ import annotations

from dataclasses import replace

from benchbench.models import loading
from benchbench.models.source import ModelSource
from benchbench.quantities import Basis
from benchbench.records import Findings, Measurement, Subject
from benchbench.targets.protocol import Shape

_SEED = 0
_NOTE = "PyTorch eager in fp32, layers as transformers writes them, a clock around each module"


def layer_shares(source: ModelSource, shape: Shape, subject: Subject, threads: int, passes: int = 20) -> Findings:
    """`latency_share` of each layer type, in this process, on `threads` of the CPU."""
    import torch

    from benchbench.meters.layer_times import layer_times
    from benchbench.meters.torch_threads import torch_threads
    from benchbench.models.logits import input_names
    from benchbench.targets import inputs

    model = loading.build(replace(source, lowered=False))
    batch = inputs.batch(shape, loading.config(source).vocab_size, _SEED)
    tensors = {name: torch.from_numpy(batch[name]) for name in input_names(model)}
    with torch_threads(threads):
        found = layer_times(model, tensors, passes)
    subject = replace(subject, batch_size=shape.batch_size, sequence_length=shape.sequence_length)
    return Findings(
        tuple(
            Measurement(replace(subject, layer=layer), "latency_share", share, Basis.MEASURED, passes, note=_NOTE)
            for layer, share in found.shares.items()
        )
    )
