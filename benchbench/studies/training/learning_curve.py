"""Quality as a function of what training has cost so far."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from benchbench.records import LearningPoint


class LearningCurve:
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

    def begin(self, steps: int) -> None:
        """Training of so many steps begins now."""
        self._due = sorted({max(1, round(steps * k / self._evaluations)) for k in range(1, self._evaluations + 1)})
        self._resumed_at = perf_counter()

    def after(self, step: int, examples: int) -> None:
        """Step `step`, counted from 1, is done, with so many examples learned."""
        if not self._due or step < self._due[0]:
            return
        self._stop_clock()
        self._due.pop(0)
        self.points.append(LearningPoint(examples, self.training_seconds, self._score()))
        self._resumed_at = perf_counter()

    def end(self) -> None:
        self._stop_clock()

    def _stop_clock(self) -> None:
        self.training_seconds += perf_counter() - self._resumed_at
