"""What lies on disk: the record of a cell with its measurements, and the manifest of a run.

Imports neither torch nor pandas, so that reading a record costs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from benchbench.machine import Machine
from benchbench.quantities import QUANTITIES, Basis
from benchbench.quantities.metrics import TaskKind

REALISTIC = "realistic"
"""The `lengths` of queries that are as long as a task's texts."""

MIXED = "mixed"
"""The `lengths` of texts that have those of a distribution, batched in several ways."""

FITTED = "fitted"
"""The `weights` of a model that has none before it is fitted to a task's texts: it has no encoder."""

OTHER_PROCESSES = "of CPU time went to other processes"
"""In the `note` of a value that neighbours disturbed, after a percentage."""

BUT_HAS = " queries, has "
"""In the `reason` of a percentile's absence, after how many it needs and before how many there are."""

NOT_ASKED = "not asked for"
"""What the `reason` of an absence begins with where a suite left the quantity out."""

WHOLE_SOCKET = "charged for its whole socket"
"""In the `note` of modelled energy, where only some of the socket's cores could be used."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its 95 % interval, all in one unit."""

    value: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the interval's width as a fraction of the value."""
        return (self.high - self.low) / 2 / self.value if self.value else math.inf


@dataclass(frozen=True, slots=True)
class Subject:
    """What a value belongs to. Fields that do not apply are None.

    `weights` and `data` always say what they are: 'random', 'hub:ID@REVISION', 'local:NAME' and
    'synthetic', 'hub:ID@REVISION', 'local:NAME'. `split`: which evaluation split, where a task has several.
    `recipe` names the way of training, where a suite compares several. `scenario` is 'single-stream', 'offline',
    'server', 'instances' or None. `lengths` is `REALISTIC` where queries are as long as the texts of `task`, `MIXED`
    where they have the lengths of a distribution, None for one shape. `batching` is how texts of mixed lengths became
    batches, such as 'by count, sorted'. `instances`: how the cores were shared among processes that answered at once,
    such as '2x1': two with a thread each.
    `baseline` is the model that a paired ratio divides by ('model' or 'model on target'), or the batching.
    `layer` and `grid` name a slice of the whole: a type of layer, another country's grid.
    """

    model: str | None = None
    weights: str | None = None
    task: str | None = None
    data: str | None = None
    split: str | None = None
    recipe: str | None = None
    target: str | None = None
    scenario: str | None = None
    lengths: str | None = None
    batching: str | None = None
    batch_size: int | None = None
    sequence_length: int | None = None
    seed: int | None = None
    baseline: str | None = None
    instances: str | None = None
    layer: str | None = None
    grid: str | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value of one quantity (in the unit that `QUANTITIES` gives) for one subject.

    `ci_low`, `ci_high`: a 95 % interval (of a p90 or a p99 two one-sided 95 % bounds), None where there is none.
    `samples`: how many observations stand behind the value. `stable` is False when the interval stayed wider than the
    suite allows or there is none to tell, and when other processes disturbed the measurement.
    """

    subject: Subject
    quantity: str
    value: float
    basis: Basis
    samples: int = 1
    ci_low: float | None = None
    ci_high: float | None = None
    stable: bool = True
    note: str = ""

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES:
            raise ValueError(f"unknown quantity {self.quantity!r}")
        if not math.isfinite(self.value):
            raise ValueError(f"{self.quantity} of {self.subject.model} is {self.value}, not a finite number")

    @property
    def unit(self) -> str:
        return QUANTITIES[self.quantity].unit


@dataclass(frozen=True, slots=True)
class Absence:
    """A value that could not be had, with the reason: shown where the number would be.

    `quantity`: which one, and with it whatever is made from it; None for all that would be known of the subject.
    """

    subject: Subject
    reason: str
    quantity: str | None = None

    def __post_init__(self) -> None:
        if self.quantity is not None and self.quantity not in QUANTITIES:
            raise ValueError(f"unknown quantity {self.quantity!r}")

    @property
    def whole_target(self) -> bool:
        """Whether nothing at all could be had on the subject's target: nothing narrows it."""
        return self == Absence(Subject(target=self.subject.target), self.reason) and self.subject.target is not None


@dataclass(frozen=True, slots=True)
class LearningPoint:
    """`seconds` of training (evaluations not counted) and `examples` seen when the model scored `score`."""

    examples: int
    seconds: float
    score: float


@dataclass(frozen=True, slots=True)
class Marking:
    """All that is needed to mark the answers of a task without its data. The fields are those of a task."""

    kind: TaskKind
    metrics: tuple[str, ...]
    labels: tuple[str, ...] = ()
    positive: int = 1


@dataclass(frozen=True, slots=True)
class TrainingFacts:
    """What a reader of a score may ask about its training.

    `marking`: of the task; the first of its metrics is that of the learning curve. `precision`: what 'auto' came to,
    None for a checkpoint that was not trained but scored as it is.
    `one_answer`: the trained model gives the same answer to every example, so that its scores say nothing.
    `data_fingerprint`: SHA-256 of the examples. `data_notes`: what was done to them. `not_kept`: why the model does not
    lie in the run folder though that was asked for. `speed_ups`: what made training faster on its device, in words.
    """

    marking: Marking
    tokenizer: str
    precision: str | None
    teacher: str | None = None
    learning_curve: tuple[LearningPoint, ...] = ()
    one_answer: bool = False
    data_fingerprint: str = ""
    data_notes: tuple[str, ...] = ()
    not_kept: str | None = None
    speed_ups: tuple[str, ...] = ()


REFERENCE = ""
"""Stands for a target among predictions: the model as transformers writes it, in PyTorch and fp32."""

Answer = int | float | str | tuple[int, ...] | tuple[str, ...]
"""To one example: a class number, the value of a regression, a text, a 0 or 1 for each label, a tag for each word."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """What was answered to the examples of one split, in their order.

    `split`: empty where the task has one evaluation split. `truth`: None where it is not public. `given`: by target,
    `REFERENCE` among them; as many answers as there are examples.
    """

    task: str
    split: str
    truth: tuple[Answer, ...] | None
    given: Mapping[str, tuple[Answer, ...]]


@dataclass(frozen=True, slots=True)
class RaceFacts:
    """How a race on a target spent its time. `most_processes`, `most_seconds`: what it was allowed.

    `rounds`: of all shapes and processes. `lengths`: as of a subject.
    """

    target: str
    processes: int
    most_processes: int
    seconds: float
    most_seconds: float
    rounds: int
    lengths: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a cell found besides values.

    `convolutions`: how many of each kind a model has, by model. `engines`: versions of what ran the models, as it says
    itself. `precisions`: of the targets that a model was deployed to, by name. `races`: of the models on a target.
    `predictions`: in a record none; they lie beside it, see `runs.predictions`.
    """

    training: TrainingFacts | None = None
    convolutions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    engines: Mapping[str, str] = field(default_factory=dict)
    precisions: Mapping[str, str] = field(default_factory=dict)
    races: tuple[RaceFacts, ...] = ()
    predictions: tuple[Predictions, ...] = ()


@dataclass(frozen=True, slots=True)
class Findings:
    """What a study hands to its notebook: measurements, what is absent, and facts a reader needs."""

    measurements: tuple[Measurement, ...] = ()
    absences: tuple[Absence, ...] = ()
    facts: Facts = Facts()


def join(parts: Iterable[Findings]) -> Findings:
    """Several findings as one; of facts about the same thing the later part's stay."""
    parts = tuple(parts)
    facts = [part.facts for part in parts]
    return Findings(
        measurements=tuple(m for part in parts for m in part.measurements),
        absences=tuple(a for part in parts for a in part.absences),
        facts=Facts(
            training=next((fact.training for fact in reversed(facts) if fact.training), None),
            convolutions={model: kinds for fact in facts for model, kinds in fact.convolutions.items()},
            engines={name: version for fact in facts for name, version in fact.engines.items()},
            precisions={target: precision for fact in facts for target, precision in fact.precisions.items()},
            races=tuple(race for fact in facts for race in fact.races),
            predictions=_joined([found for fact in facts for found in fact.predictions]),
        ),
    )


def _joined(parts: Iterable[Predictions]) -> tuple[Predictions, ...]:
    """What several targets answered to one split stands together."""
    splits: dict[tuple[str, str], Predictions] = {}
    for part in parts:
        before = splits.get((part.task, part.split))
        given = {**before.given, **part.given} if before else part.given
        splits[part.task, part.split] = replace(part, given=given)
    return tuple(splits.values())


class FailureKind(StrEnum):
    """Why a cell has no findings."""

    DIVERGED = "diverged"
    TIME_LIMIT = "time limit"
    KERNEL_DIED = "kernel died"
    ERROR = "error"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Failure:
    """`reason`: one line for a reader."""

    kind: FailureKind
    reason: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a record comes from: hashes, versions, the machine. Never environment variables, user names or home paths.

    `benchbench`: the package's version; `commit`: of its checkout, None outside one. `versions`: of every library.
    `pins`: the versions that the checkout pins, of the libraries that have another.
    """

    suite_sha256: str = ""
    notebook_sha256: str = ""
    benchbench: str = ""
    commit: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    pins: Mapping[str, str] = field(default_factory=dict)
    machine_id: str = ""
    machine: Machine = field(default_factory=Machine)


@dataclass(frozen=True, slots=True)
class PredictionsFile:
    """What a record keeps of predictions that lie in a file beside it: its hash, and how many examples they are of.

    `evaluation`, `test`: examples by task and split, where what is true is known and where it is not.
    """

    sha256: str
    evaluation: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    test: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


Study = Literal["quality", "efficiency"]
Outcome = Literal["finished", "failed"]


@dataclass(frozen=True, slots=True)
class Record:
    """One cell's findings, with what it was and where it came from.

    `parameters`: what the notebook was given, local folders by name only. `started`, `finished`: UTC, ISO 8601.
    `failure`: why there are no findings; None for a cell that finished.
    """

    cell: str
    study: Study
    parameters: Mapping[str, object]
    started: str
    finished: str
    provenance: Provenance
    findings: Findings = Findings()
    failure: Failure | None = None
    predictions: PredictionsFile | None = None

    @property
    def outcome(self) -> Outcome:
        return "failed" if self.failure else "finished"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run was to measure. `cells`: their ids in the plan's order; `titles`: for people, by id.

    `settings`: the suite, local folders by name only. `unavailable_targets`: the reason of each that cannot run here.
    """

    suite: str
    title: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)
    machine_id: str = ""
    machine: Machine = field(default_factory=Machine)
    unavailable_targets: Mapping[str, str] = field(default_factory=dict)
    cells: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
