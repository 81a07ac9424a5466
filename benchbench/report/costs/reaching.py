"""What it costs to reach a score: training time and energy until a model first had it, by its learning curve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from benchbench.quantities import QUANTITIES
from benchbench.records import LearningPoint, Record
from benchbench.report.tables.table import Column, Entry, FilledColumn, Table, numbers, table, words
from benchbench.report.view import REAL, SYNTHETIC, Estimate, estimates, joined
from benchbench.rounding import decimals, number


@dataclass(frozen=True, slots=True)
class Training:
    """One seed's. `energy`, `time`: of all of it, in J and s; None where not measured. `metric`: of the curve."""

    who: str
    task: str
    origin: str
    metric: str
    curve: tuple[LearningPoint, ...]
    energy: Estimate | None
    time: Estimate | None

    @property
    def best(self) -> float:
        return max(point.score for point in self.curve)

    def reaching(self, score: float) -> LearningPoint:
        """The first point of the curve with at least that score, which is at most `best`."""
        return next(point for point in self.curve if point.score >= score)


@dataclass(frozen=True, slots=True)
class ToScore:
    """What a model took to reach `score`, the best that every training of the task reaches: the mean over seeds."""

    who: str
    task: str
    origin: str
    metric: str
    score: float
    examples: Estimate
    time: Estimate
    energy: Estimate | None


def trainings(records: Sequence[Record], view: pd.DataFrame) -> Iterator[Training]:
    """All but those that ended with one answer for every example. What has no learning curve is scored at its end."""
    timed = view[view["quantity"] == "train_time"]
    subjects = dict(zip(timed["cell"], zip(timed["who"], timed["task"], timed["data"], strict=True), strict=True))
    costs = {name: estimates(view, name, ("cell",)) for name in ("train_energy", "train_time")}
    for record in records:
        facts = record.findings.facts.training
        if facts is None or facts.one_answer or record.cell not in subjects:
            continue
        curve = facts.learning_curve or tuple(_at_the_end(record, facts.marking.metrics[0]))
        if not curve:
            continue
        who, task, data = subjects[record.cell]
        yield Training(
            who,
            task,
            SYNTHETIC if data == SYNTHETIC else REAL,
            facts.marking.metrics[0],
            curve,
            costs["train_energy"].get((record.cell,)),
            costs["train_time"].get((record.cell,)),
        )


def _at_the_end(record: Record, metric: str) -> Iterator[LearningPoint]:
    """The score in PyTorch and fp32 on the first evaluation split, after all of the training."""
    own = [m for m in record.findings.measurements if m.subject.target is None]
    score = next((m.value for m in own if m.quantity == metric), None)
    costs = {m.quantity: m.value for m in own}
    if score is not None:
        yield LearningPoint(int(costs.get("train_examples", 0)), costs["train_time"], score)


def to_scores(found: Sequence[Training]) -> tuple[ToScore, ...]:
    """For each task that several models were trained on, one for each model."""
    result = []
    for origin, task, metric in dict.fromkeys((each.origin, each.task, each.metric) for each in found):
        of_task = [each for each in found if (each.origin, each.task, each.metric) == (origin, task, metric)]
        models = dict.fromkeys(each.who for each in of_task)
        score = min(each.best for each in of_task)
        if len(models) > 1:
            result += [_to_score([each for each in of_task if each.who == who], score) for who in models]
    return tuple(result)


def _to_score(seeds: Sequence[Training], score: float) -> ToScore:
    first = seeds[0]
    points = [each.reaching(score) for each in seeds]
    energies = [_energy(each, point) for each, point in zip(seeds, points, strict=True)]
    known = [energy for energy in energies if energy]
    return ToScore(
        *(first.who, first.task, first.origin, first.metric, score),
        examples=joined([Estimate(point.examples) for point in points]),
        time=joined([Estimate(point.seconds) for point in points]),
        energy=joined(known) if len(known) == len(energies) else None,
    )


def _energy(training: Training, point: LearningPoint) -> Estimate | None:
    """As much of the energy as of the time."""
    if training.energy is None or training.time is None or not training.time.value:
        return None
    share = point.seconds / training.time.value
    return Estimate(training.energy.value * share, basis=training.energy.basis)


def reaching_table(found: Sequence[ToScore]) -> Table:
    """One row a model and task."""
    columns = [
        words("Task", [each.task for each in found]),
        words("Model", [each.who for each in found]),
        words("Metric", [QUANTITIES[each.metric].title for each in found]),
        _scores([each.score for each in found]),
        numbers("train_examples", [each.examples for each in found], "Examples seen"),
        numbers("train_time", [each.time for each in found]),
        numbers("train_energy", [each.energy for each in found]),
    ]
    return table("reaching", "Cost to reach a score", columns, _NOTES)


def _scores(values: Sequence[float]) -> FilledColumn:
    return Column("Score reached", numeric=True), [Entry(number(v, decimals(v)), sort=v) for v in values]


_NOTES = (
    "The best score that every training of the task reaches, and what each model had taken when it was first scored so "
    "or higher. Between two scorings a model may have had it sooner. Evaluations are not counted; energy grows with "
    "time. What has no learning curve is scored at its end; a training that ended with one answer for every example is "
    "left out.",
)
