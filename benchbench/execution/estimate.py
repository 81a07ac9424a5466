"""A rough guess of how long a cell takes, for the plan that a person reads before starting."""

from __future__ import annotations

import json
from collections.abc import Mapping

from benchbench.models import zoo
from benchbench.places import Place, is_file
from benchbench.suites.schema import EfficiencyParameters, QualityParameters
from benchbench.tasks import registry

_KERNEL_SECONDS = 8.0  # kernel, torch and transformers, before a notebook's first useful line
_LAUNCHES_SECONDS = 12.0  # export, loading and fresh processes, for each model on a target
_LARGEST_BATCH_SECONDS = 80.0  # a fresh process for each size tried, for each model
_FLOPS_PER_CORE = 60e9  # what training sustains on a core with wide vector units
_BACKWARD = 3.0  # forward and backward together cost about three times the forward pass
_TOKENS = 40  # of an example, where a task does not say
_EXAMPLE_SECONDS = 0.5e-3  # batching and the optimiser, which tiny models mostly wait for
_UNKNOWN_EXAMPLES = 5000
_UNKNOWN_EVALUATION = 1000
_MOST_ON_CURVE = 1000  # evaluation examples for each point of a learning curve
_CORES_OF_A_QUERY = 4  # more do not make one text at a time faster
_DEPLOYED_SECONDS = 40.0  # on each target: preparing, fresh processes for scores and memory, a reading of energy


def estimate_seconds(parameters: QualityParameters | EfficiencyParameters, cores: int) -> float:
    """Seconds for one cell on `cores` cores: good to a factor of two or three, not more."""
    if isinstance(parameters, QualityParameters):
        return _KERNEL_SECONDS + _of_quality(parameters, cores)
    wanted = parameters.scenarios
    served = wanted.server.seconds if wanted.server else 0.0
    each = _LAUNCHES_SECONDS + served + (_LARGEST_BATCH_SECONDS if wanted.largest_batch else 0.0)
    return _KERNEL_SECONDS + parameters.budget_seconds + each * len(parameters.models)


def _of_quality(parameters: QualityParameters, cores: int) -> float:
    """Training, evaluation along the way and at its end, and the same on each target."""
    task = None if parameters.custom else registry.find(parameters.task)
    evaluated = (task and task.evaluation_examples) or _UNKNOWN_EVALUATION
    forward_flops = _flops_per_token(parameters.model) * ((task and task.tokens) or _TOKENS)
    answered = evaluated
    learned = 0.0
    if training := parameters.training:
        whole = (task and task.train_examples) or _UNKNOWN_EXAMPLES
        learned = min(whole, training.examples or whole) * training.epochs
        answered += min(evaluated, _MOST_ON_CURVE) * training.evaluations
    passes = learned * _BACKWARD + answered
    alone = passes * forward_flops / (_FLOPS_PER_CORE * cores) + (learned + answered) * _EXAMPLE_SECONDS
    if parameters.deploy is None:
        return alone
    query = forward_flops / (_FLOPS_PER_CORE * min(cores, _CORES_OF_A_QUERY)) + _EXAMPLE_SECONDS
    return alone + parameters.deploy.seconds + len(parameters.targets) * (_DEPLOYED_SECONDS + evaluated * query)


def _flops_per_token(model: Place) -> float:
    """Forward FLOPs of an encoder with BERT's dense layers at the model's width and depth; BERT-base where unknown."""
    config = _config(model)
    hidden, layers, inner = (
        float(str(config.get(key, default)))
        for key, default in (("hidden_size", 768), ("num_hidden_layers", 12), ("intermediate_size", 3072))
    )
    return 2 * layers * (4 * hidden**2 + 2 * hidden * inner)


def _config(model: Place) -> Mapping[str, object]:
    """What is known of a model's sizes before it is loaded: from the zoo, or from the folder that it is."""
    row = zoo.find(model)
    if row is not None:
        return row.config
    if model.path is None or not is_file(model.path / "config.json"):
        return {}
    found: dict[str, object] = json.loads((model.path / "config.json").read_text(encoding="utf-8"))
    return found
