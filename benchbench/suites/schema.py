"""A suite's settings, each declared once, with its bounds, its default and what it means.

A block of a suite and the parameters of a cell share the class of their settings, so that plans and notebooks hand a
setting on without naming it (`shared`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializationInfo,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from benchbench.models.zoo import Model, Teacher
from benchbench.places import HUB, RANDOM, Data, Place, TargetPlace, Weights
from benchbench.tasks.custom import CustomTask, Label

Name = Annotated[str, Field(min_length=1, max_length=300)]
Labels = Annotated[tuple[Label, ...], Field(min_length=1)]
Country = Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 3166-1 alpha-3")]
Seed = Annotated[int, Field(ge=0, lt=2**31)]
Tokens = Annotated[int, Field(ge=1, le=131_072, description="what a model takes at most is the model's own")]
Partition = Annotated[str, Field(pattern=r"^[1-9]\d{0,3}x[1-9]\d{0,3}$", description="processes x threads, as 2x1")]
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?")


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Distillation(Frozen):
    """A student learns from a fine-tuned teacher's logits as well as from the labels (Hinton et al. 2015).

    `teacher`: a hub id, or 'local:DIR'; where DIR has no config.json, the folder in it that is named like the task.
    `weight`: the teacher's share of the loss; the labels have the rest. `labels`: see `QualitySettings`.
    """

    teacher: Teacher
    labels: Labels | None = None
    temperature: float = Field(2.0, gt=0, le=100)
    weight: float = Field(0.5, gt=0, le=1)


class Training(Frozen):
    """How a model is fine-tuned.

    `encoder`: 'frozen' leaves it as it is: what it gives for each training text is computed once, and the last layer of
    the head is fitted to that by logistic or ridge regression, in one pass, without a learning rate or a loop.
    `examples`: train on so many only, the same ones for every recipe (drawn by the seed); None for all.
    `group_by_length`: batches of examples of about one length. `padding`: to the batch's longest example, or to
    `max_length`. `precision`: 'auto' is bf16 autocast where the hardware computes bf16 natively, else fp32.
    `fast_dropout`: see `models.dropout`; PyTorch's own on a GPU and where `compiled`. `loop`: this suite's own, or
    transformers' Trainer as it comes, which does the same in more time; on a CPU the suite's own also keeps hidden
    states in bf16, where it trains in that, and freed memory.
    `evaluations`: points on the learning curve, evenly spread.
    """

    encoder: Literal["trained", "frozen"] = "trained"
    epochs: float = Field(3, gt=0, le=100)
    examples: int | None = Field(None, ge=1)
    learning_rate: float = Field(2e-5, gt=0, lt=1)
    batch_size: int = Field(32, ge=1, le=4096)
    max_length: Annotated[Tokens, Field(ge=8)] = 128
    warmup_fraction: float = Field(0.1, ge=0, lt=1)
    weight_decay: float = Field(0.0, ge=0)
    group_by_length: bool = True
    padding: Literal["longest", "max_length"] = "longest"
    precision: Literal["fp32", "bf16", "auto"] = "fp32"
    lowered: bool = True
    fast_dropout: bool = True
    loop: Literal["short", "trainer"] = "short"
    compiled: bool = Field(False, description="by torch.compile")
    deterministic: bool = Field(True, description="the same seed gives the same model to the last bit")
    evaluations: int = Field(5, ge=0, le=100)
    distillation: Distillation | None = None

    @field_validator("distillation")
    @classmethod
    def _of_a_trained_encoder(cls, given: Distillation | None, info: ValidationInfo) -> Distillation | None:
        if given is not None and info.data.get("encoder") == "frozen":
            raise ValueError("it is for a trained encoder; the head of a frozen one is fitted to the labels alone")
        return given


class Realistic(Frozen):
    """Queries as long as the texts of a task are, after truncation to `max_length` tokens.

    `examples`: so many, rounded up to whole batches; each round runs all of them.
    """

    task: Name
    data: Data = HUB
    examples: int = Field(32, ge=1, le=10_000)
    max_length: Annotated[Tokens, Field(ge=8)] = 128


class MixedLengths(Frozen):
    """Texts of many lengths, batched in several ways that are timed in the same rounds.

    `examples` texts have the lengths of a log-normal distribution, `median` tokens and `spread` the standard deviation
    of the logarithm, in an order that the seed decides; what lies outside `shortest` to `longest` is moved to that end.
    A batch by count has `batch_size` texts; one by tokens as many as take at most `batch_tokens`, padding counted.
    """

    examples: int = Field(64, ge=2, le=10_000)
    median: Tokens = 96
    spread: float = Field(0.8, gt=0, le=3)
    shortest: Tokens = 16
    longest: Tokens = Field(512, validate_default=True)
    batch_size: int = Field(8, ge=1, le=4096)
    batch_tokens: int = Field(1024, ge=1, le=2**24, validate_default=True)

    @field_validator("longest", "batch_tokens")
    @classmethod
    def _no_less(cls, tokens: int, info: ValidationInfo) -> int:
        least = "shortest" if info.field_name == "longest" else "longest"
        if tokens < info.data.get(least, tokens):
            raise ValueError(f"must be at least {least}, {info.data[least]}")
        return tokens


class Server(Frozen):
    """Queries that arrive at random. `seconds`: of load for each model, on top of the budget."""

    p99_ms: float = Field(100, gt=0)
    seconds: float = Field(60, ge=1, le=24 * 3600)


class LargestBatch(Frozen):
    """`memory_limit`: bytes, or as '2GB'. `most`: no larger batch is tried."""

    memory_limit: ByteSize
    most: int = Field(64, ge=1, le=4096)


class Instances(Frozen):
    """Several processes that answer at once, each with threads on cores of its own, so that they fill a CPU.

    `partitions`: such as 2x1, two processes with one thread each; 'auto' for those that leave no core over, on many
    cores the best of them. One process with all cores, and a queue of the engine's own, take part anyhow.
    `seconds`: of each in each round at each batch size, on top of the budget. `energy`: joules too, in 13 s more each.
    """

    partitions: Annotated[tuple[Partition, ...], Field(min_length=1)] | Literal["auto"] = "auto"
    seconds: float = Field(2.0, gt=0, le=3600)
    rounds: int = Field(6, ge=1, le=50)
    energy: bool = True


def _instances(given: object) -> object:
    """Partitions alone have the usual settings."""
    return {"partitions": given} if isinstance(given, str | list | tuple) else given


class Scenarios(Frozen):
    """What is measured beyond queries of one shape, one after the other: what is None is left out."""

    realistic: Realistic | None = None
    mixed_lengths: MixedLengths | None = None
    server: Server | None = None
    largest_batch: LargestBatch | None = None
    instances: Annotated[Instances | None, BeforeValidator(_instances)] = None

    def on(self, data: Place) -> Scenarios:
        """The same with texts from `data`."""
        if self.realistic is None:
            return self
        return self.model_copy(update={"realistic": self.realistic.model_copy(update={"data": data})})


def seconds(text: object) -> object:
    """'6m', '90s', '1h30m' or a bare number of seconds, as seconds. Other things pass through to the schema's error."""
    if isinstance(text, str) and text and (match := _DURATION.fullmatch(text.strip())):
        hours, minutes, rest = (float(group or 0) for group in match.groups())
        return hours * 3600 + minutes * 60 + rest
    return text


NOT_TRAINED = "none"
"""Stands for the training of models that are scored as they are."""

Seconds = Annotated[float, BeforeValidator(seconds), Field(gt=0, le=7 * 24 * 3600)]
Names = Annotated[tuple[Name, ...], Field(min_length=1)]
Models = Annotated[tuple[Model, ...], Field(min_length=1)]


class Grid(Frozen):
    """Where the electricity comes from: said once a suite, for every cell."""

    country: Country = "USA"


class Stability(Frozen):
    """How narrow an interval must be: said once a suite, for every cell."""

    interval_half_width: float = Field(0.05, gt=0, lt=1, description="wider than this fraction: marked unstable")


class Deployment(Frozen):
    """Where a fine-tuned model is prepared, scored and timed: on each target the very artefact that is timed is scored.

    `targets`: names, or 'available' for all that can run here; of these each model has those that can run such a one.
    `batch_size`: texts in a query, each as long as its longest text. `timed_examples`: so many of the evaluation
    examples are timed, again and again, for `seconds`. `processes`: those that time it, one after the other; the
    first scores it too. `cold_starts`: fresh ones that answer one query each. `energy`: also what a text costs, which
    takes ten seconds more. `other_weights`: the same architecture with random and with denormal weights is timed in
    the same rounds, to see whether speed depends on their values.
    """

    targets: Annotated[tuple[TargetPlace, ...], Field(min_length=1)] | Literal["available"]
    batch_size: int = Field(1, ge=1, le=4096)
    timed_examples: int = Field(64, ge=1, le=100_000)
    seconds: float = Field(9.0, gt=0, le=24 * 3600, description="of timing, all targets together")
    processes: int = Field(5, ge=1, le=50)  # of the same seconds: three know less of their spread, eight less of each
    cold_starts: int = Field(3, ge=0, le=50)
    energy: bool = True
    other_weights: bool = False

    @property
    def named(self) -> tuple[TargetPlace, ...]:
        """The targets by name; none where they are 'available' ones."""
        return () if self.targets == "available" else self.targets


def _deployment(given: object) -> object:
    """Targets alone are a deployment with the usual settings."""
    return {"targets": given} if isinstance(given, str | list | tuple) else given


def _no_training(given: object) -> object:
    return None if given == NOT_TRAINED else given


class QualitySettings(Frozen):
    """How models are fine-tuned on tasks, or how they are scored as they are.

    `training`: None, in a file the word none, for checkpoints that are fine-tuned already and are scored as they are.
    `max_length`: of their texts, in tokens; None for the usual one of training. `labels`: what their outputs are, in
    their order, where a checkpoint itself calls them LABEL_0 and on.
    `deploy`: the targets on which the fine-tuned model is scored and timed too.
    `recipe`: what the report calls these settings, where a suite has several for the same model and task.
    `predict_test`: predict unlabelled test splits too, for `benchbench submission`.
    """

    weights: Weights = HUB
    data: Data = HUB
    training: Annotated[Training | None, BeforeValidator(_no_training)] = Training()
    max_length: Annotated[Tokens, Field(ge=8)] | None = None
    labels: Labels | None = None
    deploy: Annotated[Deployment | None, BeforeValidator(_deployment)] = None
    recipe: Name | None = None
    predict_test: bool = False

    @field_validator("max_length", "labels")
    @classmethod
    def _of_what_is_not_trained(cls, given: object, info: ValidationInfo) -> object:
        if given is not None and info.data.get("training") is not None:
            raise ValueError("it is for training: none; training has a max_length of its own, and names labels itself")
        return given

    def longest_with(self, training: Training | None) -> int:
        """Tokens of a text at most, in this training or without any."""
        return training.max_length if training else self.max_length or Training().max_length


class QualityParameters(QualitySettings, Grid, Stability):
    """One fine-tuning run: a model, a task, a seed. `custom`: what the task is, where it is the user's own."""

    model: Model
    task: Name
    seed: Seed = 0
    custom: CustomTask | None = None

    @property
    def targets(self) -> tuple[TargetPlace, ...]:
        return self.deploy.named if self.deploy else ()

    @property
    def longest(self) -> int:
        """Tokens of a text at most."""
        return self.longest_with(self.training)

    @property
    def batch_size(self) -> int:
        """Texts that are answered together where no target says how many."""
        return self.training.batch_size if self.training else Training().batch_size


def _changes(by_task: Mapping[str, Training], info: SerializationInfo) -> dict[str, object]:
    return {
        task: training.model_dump(mode=info.mode, context=info.context, exclude_unset=True)
        for task, training in by_task.items()
    }


class QualityBlock(QualitySettings):
    """Each model is fine-tuned on each task with each of the suite's seeds; without training it is scored once."""

    models: Models
    tasks: Names
    per_task: Annotated[Mapping[Name, Training], PlainSerializer(_changes)] = Field(
        default={}, description="by task, the settings of `training` that differ there"
    )

    @field_validator("per_task")
    @classmethod
    def _of_its_tasks(cls, by_task: Mapping[str, Training], info: ValidationInfo) -> Mapping[str, Training]:
        tasks = info.data.get("tasks", by_task)
        for task in by_task:
            if task not in tasks:
                message = "the block has no such task; its tasks are {tasks}"
                raise PydanticCustomError("unknown_task", message, {"below": (task,), "tasks": ", ".join(tasks)})
        if by_task and info.data.get("training", by_task) is None:
            raise PydanticCustomError("not_trained", "training is none, and none of its settings can differ in a task")
        return by_task

    def training_for(self, task: str) -> Training | None:
        changes = self.per_task.get(task)
        if changes is None or self.training is None:
            return self.training
        return self.training.model_copy(update={name: getattr(changes, name) for name in changes.model_fields_set})


class EfficiencySettings(Frozen):
    """How models are measured together on a target.

    `against`: targets that run the same models in the same rounds, so that speedups over them are paired too.
    `processes`: fresh ones that time them, at most: four run everything, further ones what is not decided yet.
    `energy`: also what an example costs; a reading takes ten seconds. `layer_times`: also the time that each type of
    layer takes, in PyTorch. `idle_power`: also the machine's power while nothing runs.
    """

    models: Models
    against: tuple[TargetPlace, ...] = ()
    weights: Weights = RANDOM
    batch_sizes: Annotated[tuple[Annotated[int, Field(ge=1, le=4096)], ...], Field(min_length=1)] = (1, 8)
    sequence_lengths: Annotated[tuple[Tokens, ...], Field(min_length=1)] = (128,)
    processes: int = Field(10, ge=1, le=50)
    energy: bool = True
    layer_times: bool = False
    idle_power: bool = False
    scenarios: Scenarios = Scenarios()


class EfficiencyParameters(EfficiencySettings, Grid, Stability):
    """Several models on one target, measured together so that their ratios are paired."""

    target: TargetPlace
    budget_seconds: float = Field(60, gt=0, description="time for measuring; export, loading and warm-up not counted")
    seed: Seed = 0

    @property
    def targets(self) -> tuple[TargetPlace, ...]:
        return (self.target, *self.against)


class EfficiencyBlock(EfficiencySettings):
    """On each target, all models are measured together."""

    targets: Annotated[tuple[TargetPlace, ...], Field(min_length=1)]


class Suite(Grid, Stability):
    """The whole file. `budget`: seconds for all efficiency measurements together. `tasks`: the user's own, by name."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
    title: str
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)] = (0,)
    budget: Seconds = 360.0
    tasks: Mapping[Name, CustomTask] = {}
    quality: tuple[QualityBlock, ...] = ()
    efficiency: tuple[EfficiencyBlock, ...] = ()

    @property
    def targets(self) -> tuple[TargetPlace, ...]:
        """Every target that a block names, once, in their order."""
        deployed = [target for block in self.quality if block.deploy for target in block.deploy.named]
        measured = [target for block in self.efficiency for target in (*block.targets, *block.against)]
        return tuple(dict.fromkeys((*deployed, *measured)))


def shared(parameters: type[Frozen], *given: Frozen) -> dict[str, Any]:
    """The settings that `parameters` takes over as they are from `given`, a suite and one of its blocks."""
    return {
        name: getattr(source, name)
        for source in given
        for name in type(source).model_fields
        if name in parameters.model_fields
    }
