"""The checks of a target, run one after the other in a process of their own."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchbench.errors import one_line
from benchbench.models.source import ModelSource
from benchbench.targets.conformance.checks import CHECKS, OF_A_TRAINED_MODEL
from benchbench.targets.conformance.journal import Journal
from benchbench.targets.conformance.kit import Kit
from benchbench.targets.conformance.report import Outcome
from benchbench.targets.protocol import Target
from benchbench.targets.tuned import calibration, tuned_model


@dataclass(frozen=True, slots=True)
class Examination:
    """`checks`: names of `CHECKS`. `source`, `trained`: as `conformance.check` has them. `folder`: empty, for what is
    made on the way; the outcomes come to stand in its journal.
    """

    target: Target
    source: ModelSource | None
    trained: ModelSource | None
    checks: tuple[str, ...]
    folder: Path

    @property
    def journal(self) -> Journal:
        return Journal(self.folder / "journal.jsonl")


def examine(wanted: Examination) -> None:
    """Run the checks and note how each ended."""
    source, trained = wanted.source, wanted.trained
    if source is not None and OF_A_TRAINED_MODEL not in wanted.checks:
        trained = source
    trained = trained or tuned_model(wanted.folder / "trained")
    decided = Kit(wanted.target, trained, wanted.folder, wanted.journal, calibration(trained))
    given = decided if source is None else Kit(wanted.target, source, wanted.folder, wanted.journal)
    with _collecting_only_what_is_new():
        for name in wanted.checks:
            wanted.journal.begin(name)
            wanted.journal.end(_outcome(name, decided if name == OF_A_TRAINED_MODEL else given))


@contextmanager
def _collecting_only_what_is_new() -> Iterator[None]:
    """Each session that is closed is collected, and to go through PyTorch too takes a fifth of a second each time."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _outcome(name: str, kit: Kit) -> Outcome:
    """An exception is the check's failure, and the others go on."""
    try:
        return CHECKS[name](kit)
    except Exception as error:  # whatever a runtime raises, the report must say so
        return Outcome(False, one_line(error))
