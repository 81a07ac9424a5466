"""Scores of several trainings with the interval of their mean, which narrows with trainings and with examples."""

from __future__ import annotations

import pandas as pd

from benchbench.quantities.metrics import METRICS
from benchbench.records import Interval, Subject
from benchbench.report.evaluations.evaluation import Evaluated
from benchbench.report.view import keys
from benchbench.runs.tidy import SUBJECT
from benchbench.scoring.paired import mean_score, score_change

CHANGE = "score_change"
_SUBJECT = tuple(name for name in SUBJECT if name != "seed")


def over_seeds(frame: pd.DataFrame, found: Evaluated) -> pd.DataFrame:
    """The tidy table `frame`; where a score has rows of several trainings, each carries the interval of their mean.

    Rows of one subject are so many observations of one thing: joined, they have that interval. The intervals of scores
    without predictions stay as they are.
    """
    table = frame.copy()
    rows = table[table["quantity"].isin((*METRICS, CHANGE))]
    groups: dict[tuple[Subject, str, str | None], list[int]] = {}
    for index, (*values, quantity, machine) in zip(
        rows.index, keys(rows, (*_SUBJECT, "quantity", "machine")), strict=True
    ):
        subject = Subject(**dict(zip(_SUBJECT, values, strict=True)))  # type: ignore[arg-type]
        where = str(machine) if subject.target else None  # a training counts wherever it ran
        groups.setdefault((subject, str(quantity), where), []).append(index)
    for (subject, quantity, _), indices in groups.items():
        cells = table.loc[indices, "cell"].tolist()
        if len(cells) > 1 and (interval := _interval(found, subject, quantity, cells)):
            table.loc[indices, ["ci_low", "ci_high"]] = interval.low, interval.high
    return table


def _interval(found: Evaluated, subject: Subject, quantity: str, cells: list[str]) -> Interval | None:
    answers = found.answers(subject, cells)
    if answers is None:
        return None
    evaluation = found.by_subject[subject]
    if quantity != CHANGE:
        return mean_score(evaluation.marking, quantity, answers)
    before = found.answers(evaluation.reference, cells)
    if before is None:
        return None
    return score_change(evaluation.marking, evaluation.metric, before, answers, same_training=True)
