"""A rough guess of how long a cell takes, for the plan that a person reads before starting."""

from __future__ import annotations

from benchbench.studies.parameters import EfficiencyParameters, QualityParameters

_KERNEL_SECONDS = 8.0  # kernel, torch and transformers, before a notebook's first useful line
_PREPARE_SECONDS = 12.0  # export and loading, a model and target
_FLOPS_PER_CORE = 25e9  # what training sustains on a core of a cloud machine without matrix units
_BACKWARD = 3.0  # forward and backward together cost about three times the forward pass
_TOKENS = 64  # typical length of an example after batches are grouped by length


def estimate_seconds(parameters: QualityParameters | EfficiencyParameters, cores: int) -> float:
    """Seconds for one cell on `cores` cores: good to a factor of two, not more."""
    if isinstance(parameters, EfficiencyParameters):
        return _KERNEL_SECONDS + parameters.budget_seconds + _PREPARE_SECONDS * len(parameters.models)
    return _KERNEL_SECONDS + _training_seconds(parameters, cores)


def _training_seconds(parameters: QualityParameters, cores: int) -> float:
    from benchbench.models import zoo
    from benchbench.tasks import catalogue

    examples = catalogue.find(parameters.task).train_examples * parameters.training.epochs
    flops = zoo.flops_per_token(parameters.model) * _TOKENS * _BACKWARD * examples
    return flops / (_FLOPS_PER_CORE * cores)
