"""What can be counted without running anything for long: parameters, bytes, FLOPs, kinds of convolutions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from benchbench.meters.flops.counting import FLOP_PER_MAC, FlopCount
from benchbench.models import loading
from benchbench.models.extent import longest_sequence
from benchbench.models.source import ModelSource
from benchbench.quantities import Basis
from benchbench.records import Absence, Facts, Findings, Measurement, Subject
from benchbench.studies.efficiency.counts import counted
from benchbench.targets.protocol import Shape

if TYPE_CHECKING:
    from torch import nn


def size(source: ModelSource, shapes: tuple[Shape, ...]) -> Findings:
    """Parameters, bytes of weights and FLOPs of `source`; the number of convolutions by kind as a fact."""
    module = loading.skeleton(source)
    subject = Subject(model=source.name, weights=loading.label(source))
    parameters = list(module.parameters())
    found_here = [
        Measurement(subject, "parameters", sum(p.numel() for p in parameters), Basis.COUNTED),
        Measurement(subject, "weight_bytes", sum(p.numel() * p.element_size() for p in parameters), Basis.COUNTED),
    ]
    absent = []
    longest = longest_sequence(source)
    for shape in shapes:
        at_shape = replace(subject, batch_size=shape.batch_size, sequence_length=shape.sequence_length)
        if longest is not None and shape.sequence_length > longest:
            absent.append(Absence(at_shape, f"the model takes at most {longest} tokens", "flops"))
            continue
        found = counted(module, shape, source.head)
        if found.flops is None:
            absent.append(Absence(at_shape, found.verdict, "flops"))
        else:
            found_here += _flops(found, found.flops, at_shape)
    return Findings(tuple(found_here), tuple(absent), Facts(convolutions={source.name: convolutions(module)}))


def _flops(found: FlopCount, flops: int, subject: Subject) -> Iterator[Measurement]:
    note = found.verdict
    yield Measurement(subject, "macs", flops // FLOP_PER_MAC, Basis.COUNTED, note=note)
    yield Measurement(subject, "flops", flops, Basis.COUNTED, note=note)
    if found.other_flops is not None:
        yield Measurement(subject, "flops_other", found.other_flops, Basis.COUNTED)
    for layer, share in found.by_layer_type.items():
        yield Measurement(replace(subject, layer=layer), "flops_share", share / flops, Basis.COUNTED)


def convolutions(module: nn.Module) -> dict[str, int]:
    """How many convolutions of each kind `module` has: what 'depthwise separable' means can be looked up in them.

    Depthwise: as many groups as input channels. Grouped pointwise: kernel 1, several groups. Dense pointwise: kernel 1,
    one group.
    """
    from torch import nn

    kinds = {"depthwise": 0, "grouped_pointwise": 0, "dense_pointwise": 0, "other": 0}
    for layer in module.modules():
        if isinstance(layer, nn.Conv1d | nn.Conv2d):
            kinds[_kind(layer)] += 1
    return kinds


def _kind(layer: nn.Conv1d | nn.Conv2d) -> str:
    if layer.groups == layer.in_channels:
        return "depthwise"
    if any(size != 1 for size in layer.kernel_size):
        return "other"
    return "grouped_pointwise" if layer.groups > 1 else "dense_pointwise"
