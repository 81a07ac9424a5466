"""A small model trained for a moment, so that its answers are decided.

Low precisions are judged by whether they give the same answers; on random weights, where every answer is a toss-up,
that would say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy
import torch

from benchbench import places
from benchbench.models.loading import build, quiet
from benchbench.models.source import ModelSource
from benchbench.places import Place
from benchbench.targets import inputs
from benchbench.targets.calibration import Calibration, on_random_tokens
from benchbench.targets.protocol import Batch
from benchbench.targets.texts import Texts

_TOKENS, _LENGTH = 64, 32  # of the small vocabulary, of a row
_STEPS, _ROWS = 50, 32
_CALIBRATION_BATCHES = 4


def tuned_model(folder: Path) -> ModelSource:
    """Train squeezebert-tiny in about two seconds, save it in `folder` and return it as a source.

    It learns whether a text has more tokens of the upper half of a small vocabulary than of the lower.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = build(ModelSource(Place("squeezebert-tiny"), lowered=True)).train()
        optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
        for batch, labels in texts(_STEPS, seed=0):
            tensors = {name: torch.from_numpy(array) for name, array in batch.items()}
            model(**tensors, labels=torch.from_numpy(labels)).loss.backward()
            optimiser.step()
            optimiser.zero_grad()
    with quiet():
        model.save_pretrained(folder)  # type: ignore[operator]
    return ModelSource(places.bare(folder), places.local(folder))


def calibration(source: ModelSource, seed: int = 2) -> Calibration:
    """128 texts as those that the model was trained on, and rows of any tokens, since it is checked on such too."""
    learned = [
        tuple(ids[mask == 1].tolist())
        for batch, _ in texts(_CALIBRATION_BATCHES, seed)
        for ids, mask in zip(batch["input_ids"], batch["attention_mask"], strict=True)
    ]
    others = on_random_tokens(source, seed).texts.input_ids
    return Calibration(Texts((*learned, *others), ()), "generated texts", seed)


def texts(batches: int, seed: int) -> Iterator[tuple[Batch, numpy.ndarray]]:
    """Batches of padded rows with their labels, the same for the same seed."""
    generator = numpy.random.default_rng(seed)
    for _ in range(batches):
        labels = generator.integers(0, 2, _ROWS)
        upper = generator.random((_ROWS, _LENGTH)) < numpy.where(labels == 1, 0.75, 0.25)[:, None]
        lower = generator.integers(0, _TOKENS // 2, (_ROWS, _LENGTH), dtype=numpy.int64)
        ids = inputs.FIRST_ORDINARY_TOKEN + lower + upper * (_TOKENS // 2)
        yield inputs.padded(ids, generator.integers(_LENGTH // 4, _LENGTH + 1, _ROWS)), labels
