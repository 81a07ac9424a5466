"""A rough guess of how long a cell takes, for the plan that a person reads before starting."""

from __future__ import annotations

from benchbench.models.forward_work import forward_flops_per_token
from benchbench.suites.schema import EfficiencyParameters, QualityParameters
from benchbench.tasks import registry

_KERNEL_SECONDS = 8.0  # kernel, torch and transformers, before a notebook's first useful line
_LAUNCHES_SECONDS = 8.0  # loading and fresh processes, for each model on a target
_EXPORT_SECONDS_PER_FLOP = 25e-9  # of a token's way: a larger model takes longer to export and to load
_LARGEST_BATCH_SECONDS = 80.0  # a fresh process for each size tried, for each model
_FLOPS_PER_CORE = 60e9  # what training sustains on a core with wide vector units
_BACKWARD = 3.0  # forward and backward together cost about three times the forward pass
_TOKENS = 40  # of an example, where a task does not say
_EXAMPLE_SECONDS = 0.5e-3  # batching and the optimiser, which tiny models mostly wait for
_UNKNOWN_EXAMPLES = 5000
_EVALUATION_SHARE = 0.25  # of the training examples, where a task does not say how many it evaluates
_MOST_ON_CURVE = 1000  # evaluation examples for each point of a learning curve
_CORES_OF_A_QUERY = 4  # more do not make one text at a time faster
_DEPLOYED_SECONDS = 40.0  # on each target: preparing, fresh processes for scores and memory, a reading of energy


def estimate_seconds(
    parameters: QualityParameters | EfficiencyParameters, cores: int, examples: int | None = None
) -> float:
    """Seconds for one cell on `cores` cores: good to a factor of two or three, not more.

    `examples`: how many the task has for training; None where nobody knows.
    """
    if isinstance(parameters, EfficiencyParameters):
        return _of_efficiency(parameters)
    return _KERNEL_SECONDS + _of_quality(parameters, cores, examples or _UNKNOWN_EXAMPLES)


def _of_quality(parameters: QualityParameters, cores: int, examples: int) -> float:
    """Training, evaluation along the way and at its end, and the same on each target."""
    task = None if parameters.custom else registry.find(parameters.task)
    evaluated = (task and task.evaluation_examples) or examples * _EVALUATION_SHARE
    tokens = min((task and task.tokens) or _TOKENS, parameters.longest)
    forward_flops = forward_flops_per_token(parameters.model)
    learned, answered, learned_tokens = 0.0, evaluated, tokens
    if training := parameters.training:
        learned = min(examples, training.examples or examples) * training.epochs
        answered += min(evaluated, _MOST_ON_CURVE) * training.evaluations
        learned_tokens = training.max_length if training.padding == "max_length" else tokens
    flops = forward_flops * (learned * _BACKWARD * learned_tokens + answered * tokens)
    alone = flops / (_FLOPS_PER_CORE * cores) + (learned + answered) * _EXAMPLE_SECONDS
    if parameters.deploy is None:
        return alone
    query = forward_flops * tokens / (_FLOPS_PER_CORE * min(cores, _CORES_OF_A_QUERY)) + _EXAMPLE_SECONDS
    return alone + parameters.deploy.seconds + len(parameters.targets) * (_DEPLOYED_SECONDS + evaluated * query)


def _of_efficiency(parameters: EfficiencyParameters) -> float:
    wanted = parameters.scenarios
    served = wanted.server.seconds if wanted.server else 0.0
    each = _LAUNCHES_SECONDS + served + (_LARGEST_BATCH_SECONDS if wanted.largest_batch else 0.0)
    exports = sum(forward_flops_per_token(model) for model in parameters.models) * _EXPORT_SECONDS_PER_FLOP
    return _KERNEL_SECONDS + parameters.budget_seconds + each * len(parameters.models) + exports
