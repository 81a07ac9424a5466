"""What one cell found, in a few lines, as its record comes in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import pandas as pd

from benchbench.quantities import QUANTITIES, SCORES
from benchbench.records import BUT_HAS, NOT_ASKED, Absence, Record
from benchbench.report.headlines import fillings, speeds
from benchbench.report.headlines.deployments import fastest_systems
from benchbench.report.headlines.wording import Place, value_words
from benchbench.report.view import estimates, labelled, systems
from benchbench.runs import tidy

MOST_LINES = 4


def lines(record: Record) -> tuple[str, ...]:
    """At most `MOST_LINES`: what was found, in the last of them what could not be measured. None of a failed cell."""
    if record.failure:
        return ()
    table = tidy.measurements("", "", (record,))
    found = _of_quality(record, table) if record.study == "quality" else _of_efficiency(labelled(table))
    missing = tuple(_missing(record.findings.absences))
    return (*islice(found, MOST_LINES - len(missing)), *missing)


def _of_efficiency(view: pd.DataFrame) -> Iterator[str]:
    """The first model against the largest, then whatever is faster than it; its median where it was alone."""
    subject = speeds.subject_of(view)
    found = speeds.comparisons(view)
    baseline = speeds.baseline_of(subject, found, view)
    against = speeds.of_pair(subject, baseline, found)
    here = speeds.medians(view, subject)
    if against:
        yield str(against[0])
    elif here:
        place, value = next(iter(here.items()))
        yield _median(subject, value_words("latency_p50", value), place)
    yield from islice(fillings.sentences(view), 1)
    first = against[0].place if against else None
    rivals = [one for one in found if one.place == first and one.baseline == subject and one.model != baseline]
    told = [one for one in rivals if one.faster or one.undecided]
    yield from (str(one) for one in sorted(told, key=lambda one: (one.undecided, -one.ratio.value)))


def _median(model: str, median: str, place: Place) -> str:
    return f"{model} takes {median} at the median on {place}"


def _of_quality(record: Record, table: pd.DataFrame) -> Iterator[str]:
    """The score on each evaluation split, then the target on which the fine-tuned model is fastest."""
    training = record.findings.facts.training
    metrics = training.marking.metrics[:1] if training else SCORES
    view = labelled(table)
    for metric in metrics:
        for (who, task), score in estimates(view, metric, ("who", "task")).items():
            nothing = ", the same answer to every example" if training and training.one_answer else ""
            yield f"{who} on {task}: {QUANTITIES[metric].title} {value_words(metric, score)}{nothing}"
    yield from (str(system) for system in fastest_systems(systems(table)))


def _missing(absences: Sequence[Absence]) -> Iterator[str]:
    """One line for all that could not be measured; none where all could, but for percentiles of too few queries and for
    what nobody asked for.
    """
    told = [a for a in absences if BUT_HAS not in a.reason and not a.reason.startswith(NOT_ASKED)]
    if not told:
        return
    first, rest = told[0], len(told) - 1
    subject = first.subject
    what = " on ".join(name for name in (subject.model or subject.task, subject.target) if name)
    quantity = f"{QUANTITIES[first.quantity].title}, " if first.quantity else ""
    more = f" (and {rest:,} more)" if rest else ""
    yield f"not measured: {quantity}{what}: {first.reason.removeprefix('not measured: ')}{more}"
