"""Which weights a model starts from. Plain data: building the network is `benchbench.models.loading`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from benchbench import places
from benchbench.models import zoo
from benchbench.places import RANDOM, Place

Head = Literal["sequence-classification", "token-classification", "question-answering"]


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model that can be built anywhere: in a notebook, in a fresh worker process, on another machine.

    `model`: a name in the zoo, a hub id, or a folder. `weights`: 'random' (from the configuration, by `seed`),
    'hub' (the row's hub id, or the id itself), or 'local:DIR' (anything `from_pretrained` reads). Texts serve for both.
    `lowered`: run grouped pointwise convolutions as batched matrix products (see `benchbench.models.lowering`).
    """

    model: Place
    weights: Place = RANDOM
    head: Head = "sequence-classification"
    num_labels: int = 2
    seed: int = 0
    lowered: bool = False
    revision: str | None = None

    def __post_init__(self) -> None:
        for name, parse in (("model", zoo.place), ("weights", places.weights)):
            if isinstance(text := getattr(self, name), str):
                object.__setattr__(self, name, parse(text))

    @property
    def name(self) -> str:
        """What a report calls the model: a folder by its own name, never by its path."""
        return self.model.name

    def stamp(self) -> Mapping[str, tuple[int, int]]:
        """Size and time of each file of a local model or of local weights: what changes where a checkpoint does."""
        paths = [place.path for place in (self.model, self.weights) if place.path is not None]
        found = ((file, file.stat()) for path in paths for file in places.files(path))
        return {str(file): (stat.st_size, stat.st_mtime_ns) for file, stat in found}
