"""The texts that a quantising runtime reads the ranges of activations off."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Literal

from benchbench.models.source import ModelSource
from benchbench.targets import inputs
from benchbench.targets.limits import Limits
from benchbench.targets.shape import Shape
from benchbench.targets.texts import Texts

Kind = Literal["training texts", "generated texts", "random tokens"]

NOT_ON_TEXTS = "calibrated on random tokens: for speed only"
_RANDOM_ROWS, _RANDOM_LENGTHS = 8, (1, 8, 64, 128)


@dataclass(frozen=True, slots=True)
class Calibration:
    """`kind`: training texts are those of the task that the model is scored on; generated ones those of a model that
    was trained on such; random tokens are for timing alone. `seed`: what they were drawn by."""

    texts: Texts
    kind: Kind
    seed: int

    @property
    def examples(self) -> int:
        return len(self.texts)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the tokens, in their order."""
        tokens = [self.texts.input_ids, self.texts.token_types]
        return hashlib.sha256(json.dumps(tokens).encode()).hexdigest()

    @property
    def explanation(self) -> str:
        """One sentence for a record."""
        if self.kind == "random tokens":
            return NOT_ON_TEXTS
        return f"calibrated on {self.examples} {self.kind}, seed {self.seed}, SHA-256 {self.fingerprint[:16]}"


def on_random_tokens(source: ModelSource, seed: int = 0) -> Calibration:
    """Where there is no task: tokens of the model's vocabulary, in rows of several lengths that the model takes."""
    limits = Limits.of(source)
    lengths = [min(length, limits.max_positions or length) for length in _RANDOM_LENGTHS]
    batches = [inputs.batch(Shape(_RANDOM_ROWS, length), limits.vocabulary_size, seed) for length in lengths]
    rows = tuple(tuple(ids) for batch in batches for ids in batch["input_ids"].tolist())
    return Calibration(Texts(rows, ()), "random tokens", seed)
