"""Linear models of text, by scikit-learn: what is shipped is the fitted model, what comes in is text."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from benchbench.models import linear_text
from benchbench.targets.protocol import Job, Target

if TYPE_CHECKING:
    import numpy

    from benchbench.models.linear_text import LinearText


class ScikitLearn:
    name = "scikit-learn"

    def unavailable(self, target: Target) -> str | None:
        return None if target.device == "cpu" else "this runtime is for cpu only"

    def fixed_shape(self) -> bool:
        return False

    def reads_weights(self) -> bool:
        return False

    def prepare(self, job: Job, folder: Path) -> None:
        """The fitted model is shipped as it is."""
        source = job.source.weights.path
        assert source is not None, "a linear model is fitted before it is prepared"
        shutil.copy(source / linear_text.FILE, folder)

    def load(self, job: Job, folder: Path) -> LinearSession:
        return LinearSession(linear_text.load(folder))

    def versions(self) -> Mapping[str, str]:
        return {"scikit-learn": version("scikit-learn")}


class LinearSession:
    def __init__(self, model: LinearText) -> None:
        self._model = model

    def run(self, texts: Sequence[Sequence[str]]) -> numpy.ndarray:
        return self._model.logits(texts)

    def device_memory(self) -> None:
        return None
