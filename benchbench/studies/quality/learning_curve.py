"""Quality as a function of what training has cost so far."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from benchbench.records import LearningPoint


class LearningCurve(TrainerCallback):
    """Scores the model at even distances through training, with the training clock stopped meanwhile.

    `seconds_before`: what training had taken before it began, say for a teacher's answers.
    """

    def __init__(self, score: Callable[[], float], evaluations: int, seconds_before: float = 0.0) -> None:
        self.points: list[LearningPoint] = []
        self.training_seconds = seconds_before
        self._score = score
        self._evaluations = evaluations
        self._due: list[int] = []
        self._resumed_at = 0.0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        steps = state.max_steps
        self._due = sorted({max(1, round(steps * k / self._evaluations)) for k in range(1, self._evaluations + 1)})
        self._resumed_at = perf_counter()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if not self._due or state.global_step < self._due[0]:
            return
        self._stop_clock()
        self._due.pop(0)
        examples = state.global_step * args.train_batch_size * args.gradient_accumulation_steps
        self.points.append(LearningPoint(examples, self.training_seconds, self._score()))
        self._resumed_at = perf_counter()

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._stop_clock()

    def _stop_clock(self) -> None:
        self.training_seconds += perf_counter() - self._resumed_at
