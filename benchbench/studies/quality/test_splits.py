"""What a fine-tuned model says about the unlabelled test splits of GLUE, for a submission to the leaderboard."""

from __future__ import annotations

import numpy

from benchbench.records import REFERENCE, Predictions
from benchbench.studies.quality.experiment import Experiment
from benchbench.tasks import sources
from benchbench.tasks.kinds.sequence_classification import predictions as predicted


def predict_tests(experiment: Experiment) -> tuple[Predictions, ...]:
    """Predictions of the test splits of the experiment's task, and of the diagnostics that its model predicts (AX).

    Raises `InputError` or `Unavailable` where a split is missing.
    """
    p = experiment.parameters
    found = []
    for tested in sources.tests_of(experiment.data.task):
        for split, examples in sources.load_test(tested, p.data).items():
            logits = numpy.stack(experiment.predicted_test(tested, examples))
            answers = tuple(predicted(tested, logits).tolist())
            found.append(Predictions(tested.name, split, None, {REFERENCE: answers}))
    return tuple(found)
