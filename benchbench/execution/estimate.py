"""A rough guess of how long a cell takes, for the plan that a person reads before starting."""

from __future__ import annotations

from benchbench.models.work import forward_flops_per_token
from benchbench.suites.schema import EfficiencyParameters, QualityParameters, Training

_KERNEL_SECONDS = 8.0  # kernel, torch and transformers, before a notebook's first useful line
_LAUNCHES_SECONDS = 8.0  # loading and fresh processes, for each model on a target
_EXPORT_SECONDS_PER_FLOP = 25e-9  # of a token's way: a larger model takes longer to export and to load
_LARGEST_BATCH_SECONDS = 80.0  # a fresh process for each size tried, for each model
_FLOPS_PER_CORE = 60e9  # what training sustains on a core with wide vector units
_BACKWARD = 3.0  # forward and backward together cost about three times the forward pass
_TOKENS = 40  # typical length of an example once batches are grouped by length
_EXAMPLE_SECONDS = 0.5e-3  # batching and the optimiser, which tiny models mostly wait for
_UNKNOWN_EXAMPLES = 5000


def estimate_seconds(
    parameters: QualityParameters | EfficiencyParameters, cores: int, examples: int | None = None
) -> float:
    """Seconds for one cell on `cores` cores: good to a factor of two or three, not more.

    `examples`: how many the task has for training; None where nobody knows.
    """
    if isinstance(parameters, EfficiencyParameters):
        return _of_efficiency(parameters)
    whole = examples or _UNKNOWN_EXAMPLES
    training = parameters.training
    seen = min(whole, training.examples or whole) * training.epochs
    flops = forward_flops_per_token(parameters.model) * _tokens(training) * _BACKWARD
    return _KERNEL_SECONDS + seen * (flops / (_FLOPS_PER_CORE * cores) + _EXAMPLE_SECONDS)


def _of_efficiency(parameters: EfficiencyParameters) -> float:
    wanted = parameters.scenarios
    served = wanted.server.seconds if wanted.server else 0.0
    each = _LAUNCHES_SECONDS + served + (_LARGEST_BATCH_SECONDS if wanted.largest_batch else 0.0)
    exports = sum(forward_flops_per_token(model) for model in parameters.models) * _EXPORT_SECONDS_PER_FLOP
    return _KERNEL_SECONDS + parameters.budget_seconds + each * len(parameters.models) + exports


def _tokens(training: Training) -> int:
    """Of an example, padding counted in."""
    return training.max_length if training.padding == "max_length" else min(_TOKENS, training.max_length)
