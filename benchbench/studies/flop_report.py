"""FLOPs of a model by name, without its weights: what `benchbench flops` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from benchbench.errors import InputError
from benchbench.models import loading, zoo
from benchbench.models.extent import longest_sequence
from benchbench.models.source import Head, ModelSource


def flop_report(
    model: str,
    batch_size: int = 1,
    sequence_length: int = 128,
    *,
    lowered: bool = False,
    head: Head = "sequence-classification",
    num_labels: int = 2,
) -> dict[str, Any]:
    """The three counts of `model` at one shape as JSON; see `benchbench.meters.flops.counting.FlopCount`.

    The network is built on the meta device: no weights are drawn or read. Raises `InputError` for an unknown model and
    a shape that it cannot take.
    """
    from benchbench.meters.flops.counting import count

    source = ModelSource(zoo.place(model), head=head, num_labels=num_labels, lowered=lowered)
    _check_shape(source, batch_size, sequence_length)
    module = loading.skeleton(source)
    report = count(module, batch_size, sequence_length, head)
    return {"model": model, **asdict(report), "macs": report.macs, "agree": report.agree, "verdict": report.verdict}


def _check_shape(source: ModelSource, batch_size: int, sequence_length: int) -> None:
    longest = longest_sequence(source)
    if batch_size < 1 or sequence_length < 1 or (longest is not None and sequence_length > longest):
        tokens = "1 token or more" if longest is None else f"1 to {longest} tokens"
        raise InputError(
            f"{source.name} takes batches of at least 1 and texts of {tokens}; got {batch_size} × {sequence_length}"
        )
