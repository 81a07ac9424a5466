"""How much of its score a fine-tuned model keeps on a target: MLPerf's gate, as a test of non-inferiority."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from benchbench.records import Subject
from benchbench.report.evaluations.evaluation import Evaluated
from benchbench.report.evaluations.intervals import CHANGE
from benchbench.report.view import ORIGIN_TITLES, REAL, keys
from benchbench.scoring.answers import outcomes
from benchbench.scoring.noninferiority import Decision, Margin, NonInferiority, no_worse

SHARE = 0.99
"""Of the score in fp32 PyTorch that a target has to keep."""

MOST_TIMES = 1000  # as many examples or seeds as there are: more than that nobody will have
_SYSTEM = ("who", "task", "split", "where")
_FIELDS = ("model", "weights", "task", "data", "split", "recipe", "target")


@dataclass(frozen=True, slots=True)
class Retained:
    """Whether a system keeps a share of the score of the same model in fp32 PyTorch. `origin`: of the data."""

    who: str
    task: str
    split: str
    where: str
    precision: str
    origin: str
    weights: str
    test: NonInferiority

    @property
    def title(self) -> str:
        """The task, with its split where it has several."""
        return f"{self.task} ({self.split})" if self.split else self.task


def retained(systems: pd.DataFrame, found: Evaluated, share: float = SHARE) -> tuple[Retained, ...]:
    """One for each system of `systems` (see `view.systems`) whose answers are there, over all its trainings.

    A model that gives the same answer to every example in fp32 has none.
    """
    return tuple(_retained(systems, found, share))


def _retained(systems: pd.DataFrame, found: Evaluated, share: float) -> Iterator[Retained]:
    rows = systems[systems["quantity"] == CHANGE]
    for (who, task, split, where), group in rows.groupby(list(_SYSTEM), sort=False):
        fields = zip(_FIELDS, keys(group, _FIELDS)[0], strict=True)
        subject = Subject(**{name: value or None for name, value in fields})  # type: ignore[arg-type]
        cells = group["cell"].tolist()
        there = found.answers(subject, cells)
        before = found.answers(replace(subject, target=None), cells)
        if there is None or before is None:
            continue
        evaluation = found.by_subject[subject]
        if any(outcomes(evaluation.marking, answers).one_answer for answers in before):
            continue  # a model that learned nothing has nothing to lose
        margin = Margin(1 - share, relative=True)
        test = no_worse(evaluation.marking, evaluation.metric, before, there, margin, same_training=True)
        precision = found.precisions.get(subject.target or "", "")
        origin, weights = group["origin"].iloc[0], group["weights"].iloc[0]
        yield Retained(str(who), str(task), str(split), str(where), precision, origin, weights, test)


def sentences(tests: Sequence[Retained], precision: str, share: float = SHARE) -> tuple[str, ...]:
    """One for each target of `precision` and origin of data: for which models on which tasks the share is kept."""
    grouped: dict[tuple[str, str], list[Retained]] = {}
    for test in sorted(tests, key=lambda test: test.origin != REAL):
        if test.precision == precision:
            grouped.setdefault((test.where, test.origin), []).append(test)
    return tuple(_sentence(where, origin, those, share) for (where, origin), those in grouped.items())


def _sentence(where: str, origin: str, tests: Sequence[Retained], share: float) -> str:
    said: dict[Decision, list[str]] = {"supported": [], "not supported": [], "undecided": []}
    for each in tests:
        more = f" ({needs})" if (needs := needed(each.test)) else ""
        said[each.test.decision].append(f"{each.who} on {each.title}{more}")
    parts = [f"{decision} for {', '.join(systems)}" for decision, systems in said.items() if systems]
    return f"{where} keeps {share * 100:g} % of the fp32 score on {ORIGIN_TITLES[origin]}: {'; '.join(parts)}."


def needed(test: NonInferiority) -> str:
    """How many examples or seeds would decide, in words; empty where it is decided."""
    if test.decision != "undecided":
        return ""
    counts = (
        (test.examples_needed, test.examples, "examples"),
        (test.seeds_needed, test.seeds, "seeds"),
    )
    more = [
        f"{about(wanted - there):,} more {what}"
        for wanted, there, what in counts
        if wanted and there < wanted <= MOST_TIMES * there
    ]
    return f"needs about {' or '.join(more)}" if more else "too close to the margin for more examples or seeds"


def about(count: int) -> int:
    """In two significant digits, rounded up."""
    step: int = 10 ** max(len(str(count)) - 2, 0)
    return -(-count // step) * step
