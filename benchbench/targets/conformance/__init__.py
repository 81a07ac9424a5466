"""The conformance kit: whether a target computes what it should, for all inputs it will be given.

Every check compares with the same model in PyTorch eager fp32 on the CPU, as transformers writes it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from pathlib import Path

from benchbench.errors import one_line, unknown
from benchbench.models import loading as models
from benchbench.models.source import ModelSource
from benchbench.targets.catalogue import availability, runtime_of
from benchbench.targets.conformance.checks import CHECKS, OF_A_TRAINED_MODEL
from benchbench.targets.conformance.kit import Kit
from benchbench.targets.conformance.report import Check, ConformanceReport, Outcome
from benchbench.targets.protocol import Target
from benchbench.targets.tuned import calibration, tuned_model

__all__ = ["CHECKS", "Check", "ConformanceReport", "Outcome", "check"]


def check(
    target: Target,
    source: ModelSource | None = None,
    trained: ModelSource | None = None,
    only: Collection[str] | None = None,
) -> ConformanceReport:
    """Run the kit on `target`, with a small model trained for it, or with `source` where one is given.

    The answers of low precisions are always compared on a trained model: `trained`, as `tuned.tuned_model` makes it, or
    one trained now. `only`: names of `CHECKS`; None runs all. Raises `InputError` for a name that is not one of them
    and a model that cannot be had, nothing for a target that fails.
    """
    for name in only or ():
        if name not in CHECKS:
            raise unknown("check", name, CHECKS)
    chosen = [name for name in CHECKS if only is None or name in only]
    if source is not None:
        models.check(source)
    shown = "squeezebert-tiny, trained briefly" if source is None else source.name
    reason = availability(target)
    if reason is not None:
        return ConformanceReport(target.name, target.precision, shown, reason)
    with tempfile.TemporaryDirectory(prefix="benchbench-conformance-") as scratch:
        if source is not None and OF_A_TRAINED_MODEL not in chosen:
            trained = source
        trained = trained or tuned_model(Path(scratch) / "trained")
        decided = Kit(target, trained, Path(scratch), calibration(trained))
        given = decided if source is None else Kit(target, source, Path(scratch))
        checks = tuple(Check(name, _outcome(name, decided if name == OF_A_TRAINED_MODEL else given)) for name in chosen)
    return ConformanceReport(target.name, target.precision, shown, None, checks, runtime_of(target).versions())


def _outcome(name: str, kit: Kit) -> Outcome:
    """An exception is the check's failure, and the others go on."""
    try:
        return CHECKS[name](kit)
    except Exception as error:  # whatever a runtime raises, the report must say so
        return Outcome(False, one_line(error))
