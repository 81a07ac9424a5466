"""`torch.compile` with TorchInductor: machine code generated for one model at one shape.

Options: `lowered` (default true).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbench import machine
from benchbench.models import loading
from benchbench.models.weights import drawn_weights
from benchbench.targets import inputs
from benchbench.targets.limits import Limits
from benchbench.targets.protocol import Batch, Job, Target
from benchbench.targets.runtimes.torch_eager import TorchSession, build_logits, device_unavailable, torch_versions

if TYPE_CHECKING:
    import numpy

_CACHE = "TORCHINDUCTOR_CACHE_DIR"


class TorchCompile:
    name = "torch-compile"

    def unavailable(self, target: Target) -> str | None:
        if target.device == "cpu" and not any(
            shutil.which(name) for name in (os.environ.get("CXX", ""), "g++", "clang++")
        ):
            return "torch.compile needs a C++ compiler (g++ or clang++), and none is found"
        if target.device.startswith("cuda") and find_spec("triton") is None:
            return device_unavailable(target) or "torch.compile on a GPU needs triton, and it is not installed"
        return device_unavailable(target)

    def fixed_shape(self) -> bool:
        return True

    def reads_weights(self) -> bool:
        return True

    def imports(self) -> tuple[str, ...]:
        return loading.IMPORTS

    def prepare(self, job: Job, folder: Path) -> None:
        """Compile once, so that the compiled code lies in `folder` when the model is loaded."""
        drawn_weights.keep(job.source)
        batch = inputs.batch(job.shape, Limits.of(job.source).vocabulary_size, seed=0)
        self.load(job, folder).run(batch)

    def load(self, job: Job, folder: Path) -> CompiledSession:
        import torch

        torch.compiler.reset()
        compiled: Any = torch.compile(
            build_logits(job.source, job.target), fullgraph=True, dynamic=False, options={"freezing": True}
        )
        target = job.target
        return CompiledSession(compiled, target.device, machine.threads(target.threads), target.precision, str(folder))

    def versions(self) -> Mapping[str, str]:
        return torch_versions()


@dataclass(frozen=True)
class CompiledSession(TorchSession):
    """`folder`: where its compiled code is kept."""

    folder: str

    def run(self, batch: Batch) -> numpy.ndarray:
        # TorchInductor reads this whenever it compiles: at the first run, and at the next one after another model's
        # `load` has reset it. It offers no setting for one model, so the process's variable follows who runs.
        if os.environ.get(_CACHE) != self.folder:
            os.environ[_CACHE] = self.folder
        return super().run(batch)
