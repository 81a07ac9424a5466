"""Each model for itself: what goes wrong with one of a cell is that one's absence, and the others keep their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from benchbench.errors import one_line
from benchbench.models.source import ModelSource
from benchbench.records import Absence, Findings, Subject, join


def of_each(
    sources: Iterable[ModelSource],
    work: Callable[[ModelSource], Findings],
    subject: Callable[[ModelSource], Subject],
    *quantities: str,
    side_by_side: int = 1,
) -> Findings:
    """What `work` finds of each of the `sources`; of one for which it raises, the absence of each of the `quantities`.

    `subject`: what a source's absence is of. `side_by_side`: so many at once, where `work` waits for processes.
    """

    def of_one(source: ModelSource) -> Findings:
        return _of(source, work, subject, quantities)

    if side_by_side == 1:
        return join(map(of_one, sources))
    with ThreadPoolExecutor(side_by_side) as pool:
        return join(pool.map(of_one, sources))


def _of(
    source: ModelSource,
    work: Callable[[ModelSource], Findings],
    subject: Callable[[ModelSource], Subject],
    quantities: tuple[str, ...],
) -> Findings:
    try:
        return work(source)
    except Exception as error:  # of a library, an engine, a model's own code: whatever it is, it is this model's
        reason = f"not measured: {one_line(error)}"
    return Findings((), tuple(Absence(subject(source), reason, quantity) for quantity in quantities))
