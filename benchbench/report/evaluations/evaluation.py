"""The answers of a run to its evaluation examples, found by what they are answers of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from benchbench.errors import InputError
from benchbench.quantities.metrics import METRICS
from benchbench.records import REFERENCE, Marking, Record, Subject
from benchbench.runs import predictions
from benchbench.runs.folder import Run
from benchbench.scoring.answers import Answers


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the trainings of one model answered to the examples of one split, on one target.

    `subject`: without a seed; without a target it is the model as transformers writes it, in PyTorch and fp32.
    `runs`: by cell, one training each.
    """

    subject: Subject
    marking: Marking
    runs: Mapping[str, Answers]

    @property
    def reference(self) -> Subject:
        """The subject of the same models in fp32 PyTorch."""
        return replace(self.subject, target=None)

    @property
    def answers(self) -> Sequence[Answers]:
        return list(self.runs.values())

    @property
    def metric(self) -> str:
        """The task's main metric."""
        return self.marking.metrics[0]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """All evaluations of a run, by subject. `unread`: why the answers of a cell cannot be had, one line each.

    `precisions`: of the targets, by name, as far as models were deployed to them.
    """

    by_subject: Mapping[Subject, Evaluation] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    precisions: Mapping[str, str] = field(default_factory=dict)

    def answers(self, subject: Subject, cells: Collection[str]) -> Sequence[Answers] | None:
        """Those of the trainings `cells`, in their order; None where one has none."""
        found = self.by_subject.get(subject)
        if found is None or not cells or not all(cell in found.runs for cell in cells):
            return None
        return [found.runs[cell] for cell in cells]


def comparable(a: Evaluation, b: Evaluation) -> bool:
    """Whether both are of the same examples, marked in the same way."""
    truths = [tuple(answers.truth) for answers in (*a.answers, *b.answers)]
    return a.marking == b.marking and truths.count(truths[0]) == len(truths)


def evaluated(run: Run) -> Evaluated:
    """The answers of all finished cells of `run`, where what is true is known."""
    found: dict[Subject, Evaluation] = {}
    unread: list[str] = []
    precisions: dict[str, str] = {}
    for record in run.records:
        precisions.update(record.findings.facts.precisions)
        try:
            for subject, marking, answers in _of(record, run):
                runs = found[subject].runs if subject in found else {}
                found[subject] = Evaluation(subject, marking, {**runs, record.cell: answers})
        except InputError as error:
            unread.append(str(error))
    return Evaluated(found, tuple(unread), precisions)


def _of(record: Record, run: Run) -> Iterator[tuple[Subject, Marking, Answers]]:
    training = record.findings.facts.training
    if training is None:
        return
    subjects = {
        (m.subject.task, m.subject.split or "", m.subject.target or REFERENCE): replace(m.subject, seed=None)
        for m in record.findings.measurements
        if m.quantity in METRICS
    }
    for part in predictions.read(record, run.predictions_path(record.cell)):
        for target, given in part.given.items():
            subject = subjects.get((part.task, part.split, target))
            if subject is not None and part.truth is not None:
                yield subject, training.marking, Answers(part.truth, given)
