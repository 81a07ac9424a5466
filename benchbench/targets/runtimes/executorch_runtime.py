"""ExecuTorch with XNNPACK on CPU: the path to phones, run here on the desktop build of the same kernels.

Options: `lowered` (default false: XNNPACK takes the convolutions as they are).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from benchbench import machine
from benchbench.errors import InputError
from benchbench.targets.protocol import Batch, Job, Target

if TYPE_CHECKING:
    import numpy

_FILE, _INPUTS = "model.pte", "inputs.json"


class ExecuTorch:
    name = "executorch"

    def unavailable(self, target: Target) -> str | None:
        if find_spec("executorch") is None:
            return "executorch is not installed (pip install 'benchbench-suite[executorch]')"
        return None if (target.device, target.precision) == ("cpu", "fp32") else "this runtime is fp32 on cpu only"

    def fixed_shape(self) -> bool:
        return True

    def reads_weights(self) -> bool:
        return False

    def prepare(self, job: Job, folder: Path) -> None:
        import torch
        from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
        from executorch.exir import to_edge_transform_and_lower

        from benchbench.models.loading import build
        from benchbench.models.logits import Logits

        lowered = bool(job.target.options.get("lowered", False))
        model = Logits(build(replace(job.source, lowered=lowered))).eval()
        size = (job.shape.batch_size, job.shape.sequence_length)
        example = tuple(torch.ones(size, dtype=torch.int64) for _ in model.inputs)
        with torch.no_grad():
            exported = torch.export.export(model, example)
            program = to_edge_transform_and_lower(exported, partitioner=[XnnpackPartitioner()]).to_executorch()
        (folder / _FILE).write_bytes(program.buffer)
        (folder / _INPUTS).write_text(json.dumps(model.inputs))  # the file itself keeps their order, not their names

    def load(self, job: Job, folder: Path) -> ExecuTorchSession:
        from executorch.runtime import Runtime

        _use_threads(machine.threads(job.target.threads))
        program = Runtime.get().load_program(folder / _FILE)
        inputs = json.loads((folder / _INPUTS).read_text())
        session = ExecuTorchSession(program.load_method("forward"), tuple(inputs), program)
        _OPEN.add(session)
        return session

    def versions(self) -> Mapping[str, str]:
        return {"executorch": version("executorch"), "torch": version("torch")}


@dataclass(frozen=True, eq=False)
class ExecuTorchSession:
    """`program` is kept because the method reads from it."""

    method: Any
    inputs: tuple[str, ...]
    program: Any

    def run(self, batch: Batch) -> numpy.ndarray:
        import torch

        (logits,) = self.method.execute([torch.from_numpy(batch[name]) for name in self.inputs])
        return logits.numpy().copy()  # type: ignore[no-any-return]

    def device_memory(self) -> None:
        return None


_OPEN: WeakSet[ExecuTorchSession] = WeakSet()
"""The sessions of this process. Each holds the process's one pool of threads, which cannot change under it."""


def _use_threads(count: int) -> None:
    """ExecuTorch on `count` threads. Raises `InputError` when a session of this process has another count."""
    from executorch.extension.pybindings import portable_lib

    if portable_lib._threadpool_get_thread_count() == count:
        return
    if _OPEN:
        raise InputError(f"ExecuTorch has one count of threads a process, and it is not {count}; measure them apart")
    portable_lib._unsafe_reset_threadpool(count)
