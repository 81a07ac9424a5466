"""What every check works with: a target with a model, opened at a shape, and the reference it is compared with."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy
import torch
from torch import nn

from benchbench.errors import InputError
from benchbench.models.loading import build
from benchbench.models.logits import Logits
from benchbench.models.source import Head, ModelSource
from benchbench.targets import inputs
from benchbench.targets.calibration import Calibration
from benchbench.targets.catalogue import runtime_of
from benchbench.targets.conformance.journal import Journal
from benchbench.targets.limits import Limits
from benchbench.targets.protocol import Batch, Job, Prepared, Session, Shape, Target
from benchbench.targets.session import open_session, prepare

_LONG_WITHOUT_BOUND = 1024  # tokens


@dataclass(frozen=True)
class Kit:
    """A target with one model; `scratch`: where what the target's runtime prepares is kept.

    `calibration`: of a target that is calibrated; None for random tokens. `journal`: where each shape is noted before
    anything runs in it.
    """

    target: Target
    source: ModelSource
    scratch: Path
    journal: Journal
    calibration: Calibration | None = None

    @contextmanager
    def open(self, rows: int, length: int) -> Iterator[Session]:
        """A session at a shape, prepared first where that has not been done yet."""
        self.journal.come_to(rows, length)
        session = open_session(self._prepared(Shape(rows, length)))
        yield session
        del session
        gc.collect()

    def run(self, batch: Batch) -> numpy.ndarray:
        """The logits of one batch in a session of its own."""
        with self.open(*batch["input_ids"].shape) as session:
            return numpy.array(session.run(batch))

    def batch(self, lengths: Sequence[int], seed: int = 0) -> dict[str, numpy.ndarray]:
        """Rows of these `lengths`, or of the model's longest text where that is shorter, padded to the longest row."""
        return self.oversized([self.fitting(length) for length in lengths], seed)

    def oversized(self, lengths: Sequence[int], seed: int = 0) -> dict[str, numpy.ndarray]:
        """The same whatever the model takes."""
        return inputs.batch(Shape(len(lengths), max(lengths)), self.limits.vocabulary_size, seed, lengths)

    def fitting(self, length: int) -> int:
        """`length`, or the tokens of the model's longest text where those are fewer."""
        return min(length, self.limits.max_positions or length)

    @property
    def longest(self) -> int:
        """Tokens of the model's longest text; of a model without a bound, of a long one."""
        return self.limits.max_positions or _LONG_WITHOUT_BOUND

    def with_head(self, head: Head) -> Kit:
        labels = 2 if head == "question-answering" else 5
        return replace(self, source=replace(self.source, head=head, num_labels=labels))

    def reference(self, batch: Batch) -> numpy.ndarray:
        """The same model's logits in PyTorch eager fp32 on the CPU, as transformers writes it."""
        self.journal.come_to(*batch["input_ids"].shape)
        with torch.inference_mode():
            tensors = {name: torch.from_numpy(array) for name, array in batch.items()}
            return self._reference_model(**tensors).numpy()  # type: ignore[no-any-return]

    @cached_property
    def weight_bytes(self) -> int:
        return sum(p.numel() * p.element_size() for p in self._reference_model.parameters())

    @cached_property
    def limits(self) -> Limits:
        return Limits.of(self.source)

    @cached_property
    def _reference_model(self) -> nn.Module:
        return Logits(build(replace(self.source, lowered=False)))

    def _prepared(self, shape: Shape) -> Prepared:
        job = Job(self.source, self.target, shape, self.calibration)
        name = f"{self.source.head}-{hash(self.source):x}"
        if runtime_of(self.target).fixed_shape():
            name += f"-{shape.batch_size}x{shape.sequence_length}"
        folder = self.scratch / name
        if not folder.exists():
            folder.mkdir()
            prepare(job, folder)
        return Prepared(job, folder)


def largest_difference(got: numpy.ndarray, expected: numpy.ndarray) -> float:
    if not numpy.isfinite(got).all():
        raise InputError("the logits hold values that are not finite")
    return float(numpy.abs(got - expected).max())
