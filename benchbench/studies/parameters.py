"""What a notebook is given: plain values, checked. The same types serve suites, plans and notebooks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from benchbench.tasks.custom import CustomTask

Name = Annotated[str, Field(min_length=1, max_length=300)]
Country = Annotated[str, Field(pattern="^[A-Z]{3}$", description="ISO 3166-1 alpha-3")]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Training(Frozen):
    """How a model is fine-tuned. Batches are grouped by length and padded to their longest example."""

    epochs: float = Field(3, gt=0, le=100)
    learning_rate: float = Field(2e-5, gt=0, lt=1)
    batch_size: int = Field(32, ge=1, le=4096)
    max_length: int = Field(128, ge=8, le=512)
    warmup_fraction: float = Field(0.1, ge=0, lt=1)
    weight_decay: float = Field(0.0, ge=0)
    precision: Literal["fp32", "bf16"] = "fp32"
    lowered: bool = True
    evaluations: int = Field(5, ge=1, le=100, description="points on the learning curve, evenly spread")


class QualityParameters(Frozen):
    """One fine-tuning run: a model, a task, a seed. `custom`: what the task is, where it is the user's own.

    `predict_test`: predict the task's unlabelled test splits too, for a submission to the GLUE leaderboard.
    """

    model: Name
    task: Name
    weights: Name = "hub"
    data: Name = "hub"
    seed: int = Field(0, ge=0, lt=2**31)
    training: Training = Training()
    custom: CustomTask | None = None
    predict_test: bool = False
    country: Country = "USA"


class EfficiencyParameters(Frozen):
    """Several models on one target, measured together so that their ratios are paired."""

    target: Name
    models: Annotated[tuple[Name, ...], Field(min_length=1)]
    weights: Name = "random"
    batch_sizes: Annotated[tuple[Annotated[int, Field(ge=1, le=4096)], ...], Field(min_length=1)] = (1,)
    sequence_lengths: Annotated[tuple[Annotated[int, Field(ge=1, le=512)], ...], Field(min_length=1)] = (128,)
    budget_seconds: float = Field(60, gt=0, description="time for measuring; export, loading and warm-up not counted")
    processes: int = Field(3, ge=1, le=50)
    layer_times: bool = False
    idle_power: bool = False
    interval_half_width: float = Field(0.05, gt=0, lt=1, description="wider than this fraction: marked unstable")
    seed: int = Field(0, ge=0, lt=2**31)
    country: Country = "USA"
