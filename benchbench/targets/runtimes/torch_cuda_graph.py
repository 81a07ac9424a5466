"""PyTorch on an NVIDIA GPU with the whole forward pass recorded as one CUDA graph, replayed for each batch.

A replay costs one launch instead of hundreds, which is most of the time of a small batch. Memory addresses and shapes
are fixed when the graph is recorded, so inputs are copied into place and a session runs one shape.
Options: `lowered` (default true).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchbench.machine.query_parts import QueryParts
from benchbench.models.weights import drawn_weights
from benchbench.targets.protocol import Batch, DeviceMemory, Job, Target
from benchbench.targets.runtimes.torch_eager import build_logits, device_unavailable, torch_versions

if TYPE_CHECKING:
    import numpy
    import torch

_WARM_UP_RUNS = 3  # libraries choose kernels and allocate workspaces on the first runs, which must not be recorded


class TorchCudaGraph:
    name = "torch-cuda-graph"

    def unavailable(self, target: Target) -> str | None:
        if not target.device.startswith("cuda"):
            return f"CUDA graphs need device cuda, not {target.device!r}"
        return device_unavailable(target)

    def fixed_shape(self) -> bool:
        return True

    def reads_weights(self) -> bool:
        return True

    def prepare(self, job: Job, folder: Path) -> None:
        """Random weights are drawn here, once; a graph lives in the process that recorded it."""
        drawn_weights.keep(job.source)

    def load(self, job: Job, folder: Path) -> CudaGraphSession:
        import torch

        device, shape = job.target.device, job.shape
        model = build_logits(job.source, job.target)
        size = (shape.batch_size, shape.sequence_length)
        inputs = {
            name: torch.ones(size, dtype=torch.int64, device=device)
            for name in ("input_ids", "attention_mask", "token_type_ids")
        }
        graph = torch.cuda.CUDAGraph()
        side = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        with torch.cuda.device(device), torch.inference_mode():
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                for _ in range(_WARM_UP_RUNS):
                    model(**inputs)
            torch.cuda.current_stream().wait_stream(side)
            with torch.cuda.graph(graph):
                output = model(**inputs).float()
        return CudaGraphSession(graph, inputs, output)

    def versions(self) -> Mapping[str, str]:
        return torch_versions()


@dataclass(frozen=True)
class CudaGraphSession:
    """`inputs` and `output` are the recorded graph's own tensors."""

    graph: torch.cuda.CUDAGraph
    inputs: Mapping[str, torch.Tensor]
    output: torch.Tensor

    def run(self, batch: Batch) -> numpy.ndarray:
        import torch

        with torch.inference_mode():
            self._to_device(batch)
            self.graph.replay()
            return self._to_host()

    def parts(self, batch: Batch) -> QueryParts | None:
        import torch

        from benchbench.targets.runtimes import torch_accelerator

        with torch.cuda.device(self.output.device), torch.inference_mode():
            return torch_accelerator.parts(
                partial(self._to_device, batch),
                lambda _: self.graph.replay(),
                lambda _: self._to_host(),
                torch_accelerator.cuda_event,
            )

    def _to_device(self, batch: Batch) -> None:
        import torch

        for name, array in batch.items():
            self.inputs[name].copy_(torch.from_numpy(array))

    def _to_host(self) -> numpy.ndarray:
        return self.output.cpu().numpy()

    def device_memory(self) -> DeviceMemory | None:
        from benchbench.targets.runtimes import torch_accelerator

        return torch_accelerator.read(str(self.output.device))
