"""Three counts of one model at one shape, and whether they agree."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from benchbench.errors import Missing, one_line
from benchbench.meters.flops import closed_form, fvcore_counter, torch_counter
from benchbench.meters.flops.closed_form import Head, NoClosedForm, Query
from benchbench.meters.flops.layer_types import by_layer_type, exclusive
from benchbench.meters.flops.tally import Tally

FLOP_PER_MAC = 2
Counter = Callable[[nn.Module, Mapping[str, Tensor]], Tally]


@dataclass(frozen=True, slots=True)
class FlopCount:
    """`flops`: matrix work in FLOP, None where the counts that could be made do not agree or fewer than two could.

    `other_flops`: elementwise work, normalisations and Fourier transforms of the operators as they ran, where they did.
    `counters`: each count, None where it could not be made; then `missed` says why: operators without a rule, an
    architecture without a formula, a model that does not run on shapes alone. `by_layer_type`: FLOP of embedding,
    Q/K/V, attention products….
    """

    batch_size: int
    sequence_length: int
    parameters: int
    flops: int | None
    other_flops: int | None
    by_operator: Mapping[str, int]
    by_module: Mapping[str, int]
    by_layer_type: Mapping[str, int]
    counters: Mapping[str, int | None]
    missed: Mapping[str, str]

    @property
    def agree(self) -> bool:
        """Whether the counts that could be made, two at least, are equal."""
        return self.flops is not None

    @property
    def verdict(self) -> str:
        """How many counters agree and why another does not count; or the counts that differ or are too few."""
        made = {name: flops for name, flops in self.counters.items() if flops is not None}
        if self.flops is not None:
            agreed = f"{'three' if len(made) == len(self.counters) else 'two'} counters agree"
            return "; ".join((agreed, *self.missed.values()))
        counts = (f"{name} counts {flops}" for name, flops in made.items())
        return "; ".join((*(f"{name}: {reason}" for name, reason in self.missed.items()), *counts))

    @property
    def macs(self) -> int | None:
        return None if self.flops is None else self.flops // FLOP_PER_MAC


def count(model: nn.Module, batch_size: int, sequence_length: int, head: Head = "sequence-classification") -> FlopCount:
    """Count `model` (of transformers, on any device; only shapes are read) in inference, on texts that fill the shape.

    What it takes does not depend on the batch. Raises nothing for a model that cannot be counted.
    """
    inputs = _inputs(model, batch_size, sequence_length)
    formula = _formula(model, Query(batch_size, sequence_length, head))
    traced, ran = (_tally(counter, model, inputs) for counter in (fvcore_counter.tally, torch_counter.tally))
    counts = {
        "closed_form": formula if isinstance(formula, Missing) else sum(formula.values()),
        "fvcore": traced if isinstance(traced, Missing) else traced.flops,
        "torch": ran if isinstance(ran, Missing) else ran.flops,
    }
    tally = Tally(0) if isinstance(ran, Missing) else ran
    return FlopCount(
        batch_size=batch_size,
        sequence_length=sequence_length,
        parameters=sum(p.numel() for p in model.parameters()),
        flops=_agreed(counts),
        other_flops=tally.other,
        by_operator=tally.by_operator,
        by_module=tally.by_module,
        by_layer_type=_parts(tally) if isinstance(formula, Missing) else formula,
        counters={name: None if isinstance(found, Missing) else found for name, found in counts.items()},
        missed={name: found.reason for name, found in counts.items() if isinstance(found, Missing)},
    )


def _agreed(counts: Mapping[str, int | Missing]) -> int | None:
    made = [found for found in counts.values() if not isinstance(found, Missing)]
    return made[0] if len(made) >= 2 and len(set(made)) == 1 else None


def _formula(model: nn.Module, query: Query) -> dict[str, int] | Missing:
    config: Any = model.config
    try:
        found = closed_form.macs(config, query)
    except NoClosedForm as error:
        return Missing(str(error))
    return {part: FLOP_PER_MAC * macs for part, macs in found.items()}


def _tally(counter: Counter, model: nn.Module, inputs: Mapping[str, Tensor]) -> Tally | Missing:
    """What `counter` found, unless it would be too low or the model does not run on shapes alone."""
    try:
        found = counter(model, inputs)
    except Exception as error:  # a model may fail in any way; the other counters go on
        return Missing(f"does not run on shapes alone ({one_line(error)})")
    if found.missed:
        return Missing(f"no rule for {', '.join(found.missed)}, so this count would be too low")
    return found


def _parts(tally: Tally) -> dict[str, int]:
    return {part: int(flops) for part, flops in by_layer_type(exclusive(tally.by_module)).items()}


def _inputs(model: nn.Module, batch_size: int, sequence_length: int) -> dict[str, Tensor]:
    """Texts that fill the shape, as a model takes them: ids and, where it has one, a mask over (batch, tokens)."""
    taken = inspect.signature(model.forward).parameters
    ids = torch.ones(batch_size, sequence_length, dtype=torch.long, device="meta")
    return {name: ids for name in ("input_ids", "attention_mask") if name in taken}
