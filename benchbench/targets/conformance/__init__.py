"""The conformance kit: whether a target computes what it should, for all inputs it will be given.

Every check compares with the same model in PyTorch eager fp32 on the CPU, as transformers writes it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from benchbench import processes
from benchbench.errors import one_line, unknown
from benchbench.models import loading as models
from benchbench.models.source import ModelSource
from benchbench.targets.catalogue import availability, runtime_of
from benchbench.targets.conformance.checks import CHECKS
from benchbench.targets.conformance.examination import Examination, examine
from benchbench.targets.conformance.journal import Page, ended
from benchbench.targets.conformance.report import Check, ConformanceReport, Outcome
from benchbench.targets.protocol import Target

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
    chosen = tuple(name for name in CHECKS if only is None or name in only)
    if source is not None:
        models.check(source)
    shown = "squeezebert-tiny, trained briefly" if source is None else source.name
    reason = availability(target)
    if reason is not None:
        return ConformanceReport(target.name, target.precision, shown, reason)
    checks = tuple(_checks(target, source, trained, chosen))
    return ConformanceReport(target.name, target.precision, shown, None, checks, runtime_of(target).versions())


def _checks(
    target: Target, source: ModelSource | None, trained: ModelSource | None, names: Sequence[str]
) -> Iterator[Check]:
    """How each of the checks ended. A process runs them; where it dies, the check that it was at has failed, and
    another process runs those that are left.
    """
    while names:
        with tempfile.TemporaryDirectory(prefix="benchbench-conformance-") as folder:
            done = _as_far_as_it_goes(Examination(target, source, trained, tuple(names), Path(folder)))
        yield from done
        names = names[len(done) :]


def _as_far_as_it_goes(wanted: Examination) -> Sequence[Check]:
    """The first checks, at least one of them."""
    try:
        processes.call(examine, wanted)
    except processes.ChildFailed as error:
        pages = wanted.journal.pages()
        if not pages:  # nothing can be examined
            return [Check(name, Outcome(False, one_line(error))) for name in wanted.checks]
        return [*ended(pages), *(Check(page.check, _death(page, error)) for page in pages if page.outcome is None)]
    return ended(wanted.journal.pages())


def _death(page: Page, error: processes.ChildFailed) -> Outcome:
    where = "" if page.shape is None else "at {} x {} tokens ".format(*page.shape)
    return Outcome(False, f"{where}{one_line(error)}")
