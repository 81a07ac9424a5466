"""The same architecture with other weights, to see whether speed depends on the values of weights.

Denormal numbers are what processors compute slowly unless they are told to take them for zero; pruned and decayed
weights may hold some.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch

from benchbench.errors import Missing
from benchbench.models.loading import build, quiet
from benchbench.models.source import ModelSource
from benchbench.places import RANDOM, bare, local
from benchbench.targets import artefacts
from benchbench.targets.protocol import Prepared

KINDS = ("random weights", "denormal weights")

_SHARE = 0.2  # of each matrix: its smallest values become denormal
_DENORMAL = 1e-40  # below the smallest normal number of fp32 and bf16, 1.2e-38


def named(what: str, kind: str) -> str:
    return f"{what} with {kind}"


def with_other_weights(prepared: Mapping[str, Prepared], scratch: Path) -> Mapping[str, Prepared]:
    """Each target's job once more with each of `KINDS`, by target and kind; without those that cannot be prepared."""
    jobs = [one.job for one in prepared.values()]
    trained = jobs[0].source
    sources = dict(
        zip(KINDS, (replace(trained, weights=RANDOM), _denormal(trained, scratch / "denormal")), strict=True)
    )
    wanted = {
        named(job.target.name, kind): replace(job, source=source) for job in jobs for kind, source in sources.items()
    }
    made = artefacts.prepare_all(list(wanted.values()), scratch / "prepared")
    return {name: found for name, found in zip(wanted, made, strict=True) if not isinstance(found, Missing)}


def _denormal(trained: ModelSource, folder: Path) -> ModelSource:
    """The trained model with the smallest fifth of each matrix's values at 1e-40, their signs kept."""
    model = build(trained)
    with torch.no_grad(), quiet():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                small = (
                    parameter.abs()
                    <= parameter.abs().flatten().kthvalue(max(1, int(_SHARE * parameter.numel()))).values
                )
                parameter[small] = torch.copysign(torch.full_like(parameter, _DENORMAL), parameter)[small]
        model.save_pretrained(folder)  # type: ignore[operator]
    return replace(trained, model=bare(folder), weights=local(folder))
