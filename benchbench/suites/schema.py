"""What a notebook is given: plain values, checked. The same types serve suites, plans and notebooks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ByteSize, ConfigDict, Field

from benchbench.tasks.custom import CustomTask

Name = Annotated[str, Field(min_length=1, max_length=300)]
Country = Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 3166-1 alpha-3")]


_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s?)?")


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Distillation(Frozen):
    """A student learns from a fine-tuned teacher's logits as well as from the labels (Hinton et al. 2015).

    `teacher`: a hub id, or 'local:DIR'; where DIR has no config.json, the folder in it that is named like the task.
    `weight`: the teacher's share of the loss; the labels have the rest.
    """

    teacher: Name
    temperature: float = Field(2.0, gt=0, le=100)
    weight: float = Field(0.5, gt=0, le=1)


class Training(Frozen):
    """How a model is fine-tuned.

    `examples`: train on so many only, the same ones for every recipe (drawn by the seed); None for all.
    `group_by_length`: batches of examples of about one length. `padding`: to the batch's longest example, or to
    `max_length`. `precision`: 'auto' is bf16 autocast where the hardware computes bf16 natively, else fp32.
    `fast_dropout`: see `models.dropout`; PyTorch's own on a GPU and where `compiled`.
    `evaluations`: points on the learning curve, evenly spread.
    """

    epochs: float = Field(3, gt=0, le=100)
    examples: int | None = Field(None, ge=1)
    learning_rate: float = Field(2e-5, gt=0, lt=1)
    batch_size: int = Field(32, ge=1, le=4096)
    max_length: int = Field(128, ge=8, le=512)
    warmup_fraction: float = Field(0.1, ge=0, lt=1)
    weight_decay: float = Field(0.0, ge=0)
    group_by_length: bool = True
    padding: Literal["longest", "max_length"] = "longest"
    precision: Literal["fp32", "bf16", "auto"] = "fp32"
    lowered: bool = True
    fast_dropout: bool = True
    compiled: bool = Field(False, description="by torch.compile")
    deterministic: bool = Field(True, description="the same seed gives the same model to the last bit")
    evaluations: int = Field(5, ge=0, le=100)
    distillation: Distillation | None = None


class QualityParameters(Frozen):
    """One fine-tuning run: a model, a task, a seed. `custom`: what the task is, where it is the user's own.

    `recipe`: a name for `training`, where a suite compares several. `predict_test`: predict the task's unlabelled test
    splits too, for a submission to the GLUE leaderboard.
    """

    model: Name
    task: Name
    weights: Name = "hub"
    data: Name = "hub"
    seed: int = Field(0, ge=0, lt=2**31)
    training: Training = Training()
    recipe: Name | None = None
    custom: CustomTask | None = None
    predict_test: bool = False
    country: Country = "USA"


class Realistic(Frozen):
    """Queries as long as the texts of a task are, after truncation to `max_length` tokens.

    `examples`: so many, rounded up to whole batches; each round runs all of them.
    """

    task: Name
    data: Name = "hub"
    examples: int = Field(32, ge=1, le=10_000)
    max_length: int = Field(128, ge=8, le=512)


class Server(Frozen):
    """Queries that arrive at random. `seconds`: of load for each model, on top of the budget."""

    p99_ms: float = Field(100, gt=0)
    seconds: float = Field(60, ge=1, le=24 * 3600)


class LargestBatch(Frozen):
    """`memory_limit`: bytes, or as '2GB'. `most`: no larger batch is tried."""

    memory_limit: ByteSize
    most: int = Field(64, ge=1, le=4096)


class Scenarios(Frozen):
    """What is measured beyond queries of one shape, one after the other: what is None is left out."""

    realistic: Realistic | None = None
    server: Server | None = None
    largest_batch: LargestBatch | None = None

    def on(self, data: str) -> Scenarios:
        """The same with texts from `data`."""
        if self.realistic is None:
            return self
        return self.model_copy(update={"realistic": self.realistic.model_copy(update={"data": data})})


class EfficiencyParameters(Frozen):
    """Several models on one target, measured together so that their ratios are paired.

    `against`: targets whose runs of the same models take part in every round, as baselines of further speedups.
    """

    target: Name
    against: tuple[Name, ...] = ()
    models: Annotated[tuple[Name, ...], Field(min_length=1)]
    weights: Name = "random"
    batch_sizes: Annotated[tuple[Annotated[int, Field(ge=1, le=4096)], ...], Field(min_length=1)] = (1,)
    sequence_lengths: Annotated[tuple[Annotated[int, Field(ge=1, le=512)], ...], Field(min_length=1)] = (128,)
    budget_seconds: float = Field(60, gt=0, description="time for measuring; export, loading and warm-up not counted")
    processes: int = Field(3, ge=1, le=50)
    layer_times: bool = False
    idle_power: bool = False
    scenarios: Scenarios = Scenarios()
    interval_half_width: float = Field(0.05, gt=0, lt=1, description="wider than this fraction: marked unstable")
    seed: int = Field(0, ge=0, lt=2**31)
    country: Country = "USA"


def seconds(text: object) -> object:
    """'6m', '90s', '1h30m' or a bare number of seconds, as seconds. Other things pass through to the schema's error."""
    if isinstance(text, str) and text and (match := _DURATION.fullmatch(text.strip())):
        hours, minutes, rest = (float(group or 0) for group in match.groups())
        return hours * 3600 + minutes * 60 + rest
    return text


Seconds = Annotated[float, BeforeValidator(seconds), Field(gt=0, le=7 * 24 * 3600)]
Names = Annotated[tuple[Name, ...], Field(min_length=1)]


class QualityBlock(Frozen):
    """Each model is fine-tuned on each task with each of the suite's seeds.

    `recipe`: what the report calls this block's `training`, where the suite compares several on the same model and
    task. `predict_test`: unlabelled test splits are predicted too, for `benchbench submission`.
    """

    models: Names
    tasks: Names
    weights: Name = "hub"
    data: Name = "hub"
    training: Training = Training()
    recipe: Name | None = None
    predict_test: bool = False
    per_task: Mapping[str, Mapping[str, Any]] = Field(default={}, description="settings of `training`, by task")

    def training_for(self, task: str) -> Training:
        return Training.model_validate({**self.training.model_dump(), **self.per_task.get(task, {})})


class EfficiencyBlock(Frozen):
    """On each target, all models are measured together.

    `against`: targets that run in the same rounds, so that speedups over them are paired too.
    """

    models: Names
    targets: Names
    against: tuple[Name, ...] = ()
    weights: Name = "random"
    batch_sizes: tuple[int, ...] = (1, 8)
    sequence_lengths: tuple[int, ...] = (128,)
    processes: int = 3
    layer_times: bool = Field(False, description="also the time that each type of layer takes, in PyTorch")
    idle_power: bool = Field(False, description="also the machine's power while nothing runs")
    scenarios: Scenarios = Scenarios()


class Suite(Frozen):
    """The whole file. `budget`: seconds for all efficiency measurements together. `tasks`: the user's own, by name."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
    title: str
    seeds: Annotated[tuple[Annotated[int, Field(ge=0, lt=2**31)], ...], Field(min_length=1)] = (0,)
    country: Country = "USA"
    budget: Seconds = 360.0
    interval_half_width: Annotated[float, Field(gt=0, lt=1)] = 0.05
    tasks: Mapping[Name, CustomTask] = {}
    quality: tuple[QualityBlock, ...] = ()
    efficiency: tuple[EfficiencyBlock, ...] = ()
