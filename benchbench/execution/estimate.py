"""A rough guess of how long a cell takes, for the plan that a person reads before starting."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from benchbench.models import zoo
from benchbench.models.forward_work import forward_flops_per_token
from benchbench.studies.instances import partitions
from benchbench.suites.schema import EfficiencyParameters, Instances, QualityParameters
from benchbench.targets import catalogue
from benchbench.tasks import registry

_KERNEL_SECONDS = 8.0  # kernel, torch and transformers, before a notebook's first useful line
_LAUNCHES_SECONDS = 8.0  # loading and fresh processes, for each model on a target
_EXPORT_SECONDS_PER_FLOP = 25e-9  # of a token's way: a larger model takes longer to export and to load
_LAYERS_AND_IDLE_SECONDS = 10.0  # each: the time that each type of layer takes, and the power at rest
_LARGEST_BATCH_SECONDS = 80.0  # a fresh process for each size tried, for each model
_LEAST_RUNS = 8.0  # of each query, whatever the budget: warming up and one round in each of four processes
_PADDED = 2.0  # times the median of mixed lengths: what a text takes with its padding, long ones in the mean
_WAYS = 4  # of making batches of texts of mixed lengths
_INSTANCES_OPEN_SECONDS = 4.0  # all processes of one way to share the cores, in each round
_INSTANCES_METER_SECONDS = 13.0
_FLOPS_PER_CORE = 60e9  # what training sustains on a core with wide vector units
_FLOPS_OF_GPU = 2e12  # what training sustains on one whose kernels are launched one by one
_BACKWARD = 3.0  # forward and backward together cost about three times the forward pass
_TOKENS = 40  # of an example, where a task does not say
_EXAMPLE_SECONDS = 0.5e-3  # batching and the optimiser, which tiny models mostly wait for
_UNKNOWN_EXAMPLES = 5000
_EVALUATION_SHARE = 0.25  # of the training examples, where a task does not say how many it evaluates
_MOST_ON_CURVE = 1000  # evaluation examples for each point of a learning curve
_CORES_OF_A_QUERY = 4  # more do not make one text at a time faster
_READING_SECONDS = 11.0  # of energy
_FITTED_SECONDS = 1e-3  # of an example of a linear model
_DEPLOYED_SECONDS = 14.0  # on each target: preparing, fresh processes for scores and memory, a reading of energy

Kind = Literal["efficiency", "quality", "deployment"]
"""What dominates the time of a cell. Cells of one kind are late by about the same factor."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Seconds of one cell. `asked`: those that it takes on whatever machine, the suite's budget. `other`: a guess of
    the rest, good to a factor of two or three, not more.
    """

    kind: Kind
    asked: float
    other: float

    @property
    def seconds(self) -> float:
        return self.asked + self.other


@dataclass(frozen=True, slots=True)
class Hardware:
    """What a guess needs to know of a machine. `trains_on_gpu`: PyTorch has one. `unavailable`: targets by name."""

    cores: int = 1
    trains_on_gpu: bool = False
    unavailable: Collection[str] = ()

    def training_flops(self) -> float:
        """FLOP/s that training sustains."""
        return _FLOPS_OF_GPU if self.trains_on_gpu else _FLOPS_PER_CORE * self.cores

    def query_flops(self, device: str) -> float:
        """FLOP/s that one query after the other sustains on a target's `device`."""
        return _FLOPS_PER_CORE * min(self.cores, _CORES_OF_A_QUERY) if device == "cpu" else _FLOPS_OF_GPU


def expected(
    parameters: QualityParameters | EfficiencyParameters, hardware: Hardware, examples: int | None = None
) -> Expected:
    """How long one cell takes. `examples`: how many the task has for training; None where nobody knows."""
    if isinstance(parameters, EfficiencyParameters):
        return _of_efficiency(parameters, hardware)
    return _of_quality(parameters, hardware, examples or _UNKNOWN_EXAMPLES)


def _of_quality(parameters: QualityParameters, hardware: Hardware, examples: int) -> Expected:
    """Training, evaluation along the way and at its end, and the same on each target."""
    task = None if parameters.custom else registry.find(parameters.task)
    evaluated = (task and task.evaluation_examples) or examples * _EVALUATION_SHARE
    tokens = min((task and task.tokens) or _TOKENS, parameters.longest)
    if zoo.is_linear(parameters.model):
        return _of_linear(parameters, examples, hardware)
    forward_flops = forward_flops_per_token(parameters.model)
    learned, answered, learned_tokens, backward = 0.0, evaluated, tokens, _BACKWARD
    if training := parameters.training:
        frozen = training.encoder == "frozen"
        learned = min(examples, training.examples or examples) * (1 if frozen else training.epochs)
        answered += min(evaluated, _MOST_ON_CURVE) * (min(1, training.evaluations) if frozen else training.evaluations)
        backward = 1 if frozen else _BACKWARD
        learned_tokens = training.max_length if training.padding == "max_length" else tokens
    flops = forward_flops * (learned * backward * learned_tokens + answered * tokens)
    alone = _KERNEL_SECONDS + flops / hardware.training_flops() + (learned + answered) * _EXAMPLE_SECONDS
    if parameters.deploy is None:
        return Expected("quality", 0.0, alone)
    deployed = sum(
        _DEPLOYED_SECONDS
        + evaluated * (forward_flops * tokens / hardware.query_flops(target.device) + _EXAMPLE_SECONDS)
        for target in map(catalogue.find, parameters.targets)
        if target.name not in hardware.unavailable
    )
    return Expected("deployment", parameters.deploy.seconds, alone + deployed)


def _of_linear(parameters: QualityParameters, examples: int, hardware: Hardware) -> Expected:
    """It is fitted until a reading of energy is long enough, once at least."""
    fitted = max(_READING_SECONDS, examples * _FITTED_SECONDS)
    targets = [target for target in parameters.targets if target.name not in hardware.unavailable]
    other = _KERNEL_SECONDS + fitted + _DEPLOYED_SECONDS * len(targets)
    asked = parameters.deploy.seconds if parameters.deploy and targets else 0.0
    return Expected("deployment" if targets else "quality", asked, other)


def _of_efficiency(parameters: EfficiencyParameters, hardware: Hardware) -> Expected:
    if parameters.target.name in hardware.unavailable:  # its cell says why, and ends
        return Expected("efficiency", _KERNEL_SECONDS, 0.0)
    wanted, models = parameters.scenarios, parameters.models
    served = wanted.server.seconds * len(models) if wanted.server else 0.0
    filled = _of_instances(wanted.instances, parameters, hardware) * len(models) if wanted.instances else 0.0
    each = _LAUNCHES_SECONDS + (_LARGEST_BATCH_SECONDS if wanted.largest_batch else 0.0)
    exports = sum(forward_flops_per_token(model) for model in models) * _EXPORT_SECONDS_PER_FLOP
    extras = _LAYERS_AND_IDLE_SECONDS * (parameters.layer_times + parameters.idle_power)
    late = max(0.0, _least_race_seconds(parameters, hardware) - parameters.budget_seconds)
    other = _KERNEL_SECONDS + each * len(models) + exports + extras + late
    return Expected("efficiency", parameters.budget_seconds + served + filled, other)


def _least_race_seconds(parameters: EfficiencyParameters, hardware: Hardware) -> float:
    """What the fewest runs of all queries take."""
    mixed = parameters.scenarios.mixed_lengths
    drawn = _WAYS * mixed.examples * mixed.median * _PADDED if mixed else 0.0
    flops = 0.0
    for model in parameters.models:
        row = zoo.find(model)
        longest = (row and row.longest_sequence) or math.inf
        tokens = sum(length for length in parameters.sequence_lengths if length <= longest)
        flops += forward_flops_per_token(model) * (sum(parameters.batch_sizes) * tokens + drawn)
    return _LEAST_RUNS * flops / hardware.query_flops(catalogue.find(parameters.target).device)


def _of_instances(wanted: Instances, parameters: EfficiencyParameters, hardware: Hardware) -> float:
    """For each model; all ways to share the cores are counted as if each were measured in full."""
    ways = partitions.even(hardware.cores) if wanted.partitions == "auto" else wanted.partitions
    answering = wanted.seconds * len(parameters.batch_sizes)
    metered = _INSTANCES_METER_SECONDS * wanted.energy
    return len(ways) * (wanted.rounds * (answering + _INSTANCES_OPEN_SECONDS) + metered)
