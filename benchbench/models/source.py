"""Which weights a model starts from. Plain data: building the network is `benchbench.models.loading`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchbench.places import is_folder

Head = Literal["sequence-classification", "token-classification", "question-answering"]


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model that can be built anywhere: in a notebook, in a fresh worker process, on another machine.

    `model`: a name in the zoo, a hub id, or a folder. `weights`: 'random' (from the configuration, by `seed`),
    'hub' (the row's hub id, or the id itself), or 'local:FOLDER' (anything `from_pretrained` reads).
    `lowered`: run grouped pointwise convolutions as batched matrix products (see `benchbench.models.lowering`).
    """

    model: str
    weights: str = "random"
    head: Head = "sequence-classification"
    num_labels: int = 2
    seed: int = 0
    lowered: bool = False
    revision: str | None = None

    @property
    def name(self) -> str:
        """What a report calls the model: a folder by its own name, never by its path."""
        return Path(self.model).name if is_folder(self.model) else self.model
