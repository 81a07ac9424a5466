"""A model on a target at a shape, as plain JSON: what a fresh worker process is told to run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchbench.models.source import ModelSource
from benchbench.targets.protocol import Shape, Target


@dataclass(frozen=True, slots=True)
class Job:
    """`folder` holds what the runtime prepared for this model, target and shape (`artefacts.prepare`)."""

    source: ModelSource
    target: Target
    shape: Shape
    folder: Path

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "folder": str(self.folder)}

    @staticmethod
    def from_json(fields: Mapping[str, Any]) -> Job:
        return Job(
            ModelSource(**fields["source"]),
            Target(**fields["target"]),
            Shape(**fields["shape"]),
            Path(fields["folder"]),
        )
