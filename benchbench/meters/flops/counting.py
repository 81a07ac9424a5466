"""Three counts of one model at one shape, and whether they agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from benchbench.meters.flops import closed_form, fvcore_counter, torch_counter
from benchbench.meters.flops.closed_form import Head, NoClosedForm, Query
from benchbench.meters.flops.layer_types import by_layer_type, exclusive
from benchbench.meters.flops.tally import Tally

FLOP_PER_MAC = 2


@dataclass(frozen=True, slots=True)
class FlopCount:
    """`flops`: matrix work in FLOP, None where the counts that could be made do not agree or fewer than two could.

    `other_flops`: elementwise work and normalisations, of the operators as they ran. `counters`: each count, None where
    it could not be made; then `missed` says why: operators without a rule, or an architecture without a formula.
    `agree`: all three were made and are equal. `by_layer_type`: FLOP of embedding, Q/K/V, attention products….
    """

    batch_size: int
    sequence_length: int
    parameters: int
    flops: int | None
    other_flops: int
    by_operator: Mapping[str, int]
    by_module: Mapping[str, int]
    by_layer_type: Mapping[str, int]
    counters: Mapping[str, int | None]
    missed: Mapping[str, str]

    @property
    def agree(self) -> bool:
        counts = set(self.counters.values())
        return len(counts) == 1 and None not in counts

    @property
    def disagreement(self) -> str:
        """What keeps the three from agreeing, in one line; empty when they agree."""
        if self.agree:
            return ""
        reasons = [f"{name}: {reason}" for name, reason in self.missed.items()]
        made = [f"{name} counts {flops}" for name, flops in self.counters.items() if flops is not None]
        return "; ".join((*reasons, *made))

    @property
    def macs(self) -> int | None:
        return None if self.flops is None else self.flops // FLOP_PER_MAC


def count(model: nn.Module, batch_size: int, sequence_length: int, head: Head = "sequence-classification") -> FlopCount:
    """Count `model` (of transformers, on any device; the meta device costs next to nothing) in inference."""
    inputs = _inputs(model, batch_size, sequence_length)
    traced = {"fvcore": fvcore_counter.tally(model, inputs), "torch": torch_counter.tally(model, inputs)}
    parts, no_formula = _formula(model, Query(batch_size, sequence_length, head))
    counters = {
        "closed_form": sum(parts.values()) if parts else None,
        **{name: None if tally.missed else tally.flops for name, tally in traced.items()},
    }
    return FlopCount(
        batch_size=batch_size,
        sequence_length=sequence_length,
        parameters=sum(p.numel() for p in model.parameters()),
        flops=_agreed(counters),
        other_flops=traced["torch"].other or 0,
        by_operator=traced["torch"].by_operator,
        by_module=traced["torch"].by_module,
        by_layer_type=parts or _parts(traced["torch"]),
        counters=counters,
        missed={**no_formula, **{name: _sentence(tally) for name, tally in traced.items() if tally.missed}},
    )


def _agreed(counters: Mapping[str, int | None]) -> int | None:
    made = [flops for flops in counters.values() if flops is not None]
    return made[0] if len(made) >= 2 and len(set(made)) == 1 else None


def _formula(model: nn.Module, query: Query) -> tuple[dict[str, int], dict[str, str]]:
    config: Any = model.config
    try:
        found = closed_form.macs(config, query)
    except NoClosedForm as error:
        return {}, {"closed_form": str(error)}
    return {part: FLOP_PER_MAC * macs for part, macs in found.items()}, {}


def _parts(tally: Tally) -> dict[str, int]:
    return {part: int(flops) for part, flops in by_layer_type(exclusive(tally.by_module)).items()}


def _sentence(tally: Tally) -> str:
    return f"no rule for {', '.join(tally.missed)}, so this count would be too low"


def _inputs(model: nn.Module, batch_size: int, sequence_length: int) -> dict[str, Tensor]:
    """Full-length inputs. The mask has four dimensions, which transformers takes as it is: to reduce a mask of two it
    would look at its values, and on the meta device there are none."""
    device = next(model.parameters()).device
    ids = torch.zeros(batch_size, sequence_length, dtype=torch.long, device=device)
    mask = torch.ones(batch_size, 1, sequence_length, sequence_length, dtype=torch.bool, device=device)
    return {"input_ids": ids, "attention_mask": mask}
