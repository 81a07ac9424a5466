"""An encoder as a quality study has it: loaded, its examples tokenised, fine-tuned or left as it is."""

from __future__ import annotations

import torch

from benchbench import caches
from benchbench.models import loading as models
from benchbench.models.extent import check_length
from benchbench.models.source import ModelSource
from benchbench.scoring.answers import outcomes
from benchbench.studies.quality import scored_as_it_is
from benchbench.studies.quality.distillation import teach
from benchbench.studies.quality.experiment import EncoderExperiment
from benchbench.studies.quality.scored_as_it_is import NotTrained
from benchbench.studies.quality.tokenizers import tokenizer_for
from benchbench.studies.training.fine_tuning import Trained, fine_tune
from benchbench.studies.training.prediction import predict
from benchbench.suites.schema import QualityParameters
from benchbench.tasks import kinds
from benchbench.tasks.task import TaskData
from benchbench.tasks.tokenization import tokenise

_CURVE_EXAMPLES = 1000  # evaluation examples for a point on the learning curve: enough to see its shape


def load(p: QualityParameters, examples: TaskData) -> EncoderExperiment:
    """The model that `p` names for `examples`. Raises `InputError` or `Unavailable` where it cannot be had."""
    task = examples.task
    source = ModelSource(
        p.model,
        p.weights,
        head=kinds.of(task).head,
        num_labels=task.num_labels,
        seed=p.seed,
        lowered=p.training is None or p.training.lowered,
    )
    order = () if p.training else scored_as_it_is.order(source, task, p.labels)
    check_length(source, p.longest)
    tokenizer, origin = tokenizer_for(source, examples)
    model = models.build(source)
    model.config.problem_type = kinds.of(task).problem  # type: ignore[union-attr]
    return EncoderExperiment(
        parameters=p,
        data=examples,
        weights=models.describe(source, model),
        reads=origin,
        tokens=tokenise(examples, tokenizer, p.longest, caches.tokens()),
        tokenizer=tokenizer,
        model=model,
        label_order=order,
    )


def train(experiment: EncoderExperiment) -> Trained | NotTrained:
    """Fine-tune the experiment's model in place, with a teacher where the recipe has one; or leave it as it is."""
    p = experiment.parameters
    if p.training is None:
        experiment.model.to(torch.accelerator.current_accelerator() or "cpu")
        return NotTrained(experiment.subject)
    examples, teaching = experiment.tokens.train, None
    if p.training.distillation:
        examples, teaching = teach(experiment.data, examples, p.training, p.training.distillation)
    return fine_tune(
        experiment.model,
        examples,
        experiment.tokenizer,
        p.training,
        kind=kinds.of(experiment.data.task),
        seed=p.seed,
        score=lambda: _score_so_far(experiment),
        country=p.country,
        teaching=teaching,
    )


def _score_so_far(experiment: EncoderExperiment) -> float:
    """The main metric on (at most the first thousand examples of) the first evaluation split."""
    name, examples = next(iter(experiment.data.evaluation.items()))
    tokens = experiment.tokens.evaluation[name]
    if len(examples) > _CURVE_EXAMPLES:
        examples = examples.select(range(_CURVE_EXAMPLES))
        tokens = kinds.first(tokens, _CURVE_EXAMPLES)
    task = experiment.data.task
    logits = predict(experiment.model, tokens, experiment.tokenizer, experiment.parameters.batch_size)
    answered = kinds.of(task).answers(task, examples, tokens, logits)
    return outcomes(experiment.marking, answered).scores()[task.metrics[0]]
