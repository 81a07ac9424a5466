"""All checks of the kit, by the name that a report gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from benchbench.models.source import Head
from benchbench.targets.conformance import conduct, outputs
from benchbench.targets.conformance.kit import Kit
from benchbench.targets.conformance.report import Outcome

_LENGTHS = (1, 7, 128)  # tokens; of a model that takes fewer, its longest text stands in
_HEADS: tuple[Head, ...] = ("token-classification", "question-answering")

OF_A_TRAINED_MODEL = "same answers"
"""The one check that says nothing with random weights, where every answer is a toss-up."""

CHECKS: Mapping[str, Callable[[Kit], Outcome]] = {
    **{f"logits, {n} tokens": partial(outputs.logits, lengths=[n]) for n in _LENGTHS},
    "logits, longest text": outputs.longest_logits,
    "logits, padded batch": partial(outputs.logits, lengths=outputs.PADDED),
    **{f"logits, {head}": partial(outputs.head_logits, head=head) for head in _HEADS},
    OF_A_TRAINED_MODEL: outputs.agreement,
    "determinism": outputs.determinism,
    "padding has no effect": outputs.padding,
    "bad batches are errors": conduct.bad_batches,
    "more work takes longer": conduct.timing,
    "memory is released": conduct.memory,
}
