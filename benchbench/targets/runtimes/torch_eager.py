"""PyTorch as it is: eager execution on a CPU, an NVIDIA GPU or Apple's GPU, in fp32, tf32, bf16 or fp16.

Options: `lowered` (default true): see `benchbench.models.lowering`. `packed` (default true; on a CPU): see
`benchbench.models.packed_linear`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchbench import machine
from benchbench.machine.query_parts import QueryParts
from benchbench.models import loading
from benchbench.models.source import ModelSource
from benchbench.models.weights import drawn_weights
from benchbench.targets.protocol import Batch, DeviceMemory, Job, Precision, Target

if TYPE_CHECKING:
    import numpy
    import torch
    from torch import nn

_FIRST_WITH_TF32 = (8, 0)  # compute capability of Ampere


class TorchEager:
    name = "torch-eager"

    def unavailable(self, target: Target) -> str | None:
        return device_unavailable(target)

    def fixed_shape(self) -> bool:
        return False

    def reads_weights(self) -> bool:
        return True

    def imports(self) -> tuple[str, ...]:
        return loading.IMPORTS

    def prepare(self, job: Job, folder: Path) -> None:
        """The model is built when it is loaded; random weights are drawn here, once."""
        drawn_weights.keep(job.source)

    def load(self, job: Job, folder: Path) -> TorchSession:
        from benchbench.models.packed_linear import pack

        target = job.target
        model = build_logits(job.source, target)
        if target.device == "cpu" and target.options.get("packed", True):
            pack(model)
        return TorchSession(model, target.device, machine.threads(target.threads), target.precision)

    def versions(self) -> Mapping[str, str]:
        return torch_versions()


@dataclass(frozen=True)
class TorchSession:
    """`model` maps a batch's arrays, as tensors on `device`, to logits, on `threads` of the CPU."""

    model: nn.Module
    device: str
    threads: int
    precision: Precision

    def run(self, batch: Batch) -> numpy.ndarray:
        import torch

        use_threads(self.threads)
        use_products_of(self.precision)
        with torch.inference_mode():
            return _to_host(self._compute(self._to_device(batch)))

    def parts(self, batch: Batch) -> QueryParts | None:
        import torch

        from benchbench.targets.runtimes import torch_accelerator

        if not self.device.startswith("cuda"):
            return None
        use_products_of(self.precision)
        with torch.cuda.device(self.device), torch.inference_mode():
            return torch_accelerator.parts(
                partial(self._to_device, batch), self._compute, _to_host, torch_accelerator.cuda_event
            )

    def _to_device(self, batch: Batch) -> Mapping[str, torch.Tensor]:
        import torch

        return {name: torch.from_numpy(array).to(self.device) for name, array in batch.items()}

    def _compute(self, inputs: Mapping[str, torch.Tensor]) -> torch.Tensor:
        return self.model(**inputs).float()  # type: ignore[no-any-return]

    def device_memory(self) -> DeviceMemory | None:
        from benchbench.targets.runtimes import torch_accelerator

        return torch_accelerator.read(self.device)


def _to_host(logits: torch.Tensor) -> numpy.ndarray:
    return logits.cpu().numpy()


def build_logits(source: ModelSource, target: Target) -> nn.Module:
    """The model as `target` wants it: lowered or not, in its precision, on its device; threads set."""
    from benchbench.models.logits import Logits
    from benchbench.models.lowering import freeze

    use_threads(machine.threads(target.threads))
    use_products_of(target.precision)
    lowered = bool(target.options.get("lowered", True))
    model = Logits(drawn_weights.build(replace(source, lowered=lowered))).eval()
    return freeze(model.to(device=target.device, dtype=torch_dtype(target)))


def use_threads(count: int) -> None:
    """Torch on `count` CPU threads from here on. Its count is the process's, where sessions may want different ones.

    Asking takes 0.04 µs; threads are started again where the count changes, within the run that follows.
    """
    import torch

    if torch.get_num_threads() != count:
        torch.set_num_threads(count)


def use_products_of(precision: Precision) -> None:
    """Matrix products of fp32 on NVIDIA's GPUs in tf32 from here on, or in fp32 itself: the process's setting, too.

    For convolutions PyTorch's own default is tf32, under the name of fp32.
    """
    import torch

    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.allow_tf32 = precision == "tf32"


def torch_dtype(target: Target) -> torch.dtype:
    import torch

    return {"bf16": torch.bfloat16, "fp16": torch.float16}.get(target.precision, torch.float32)


def device_unavailable(target: Target) -> str | None:
    """Why PyTorch cannot run `target`'s device at its precision here; None when it can."""
    if target.device == "cpu":
        return machine.lacks(target.precision)
    import torch

    if target.device.startswith("cuda"):
        if torch.version.cuda is None and torch.version.hip is None:
            return f"this PyTorch ({torch.__version__}) is built without CUDA"
        if not torch.cuda.is_available():
            return "PyTorch finds no NVIDIA GPU"
        if target.precision == "bf16" and not torch.cuda.is_bf16_supported(including_emulation=False):
            return "this GPU has no native bf16"
        if target.precision == "tf32" and torch.cuda.get_device_capability() < _FIRST_WITH_TF32:
            return "this GPU has no tf32"
        return None
    if target.precision == "tf32":
        return f"no tf32 on {target.device}"
    if target.device == "mps":
        return None if torch.backends.mps.is_available() else "PyTorch finds no Apple GPU (MPS)"
    return f"device {target.device!r} is not one of cpu, cuda, cuda:N, mps"


def torch_versions() -> Mapping[str, str]:
    from importlib.metadata import version

    return {"torch": version("torch"), "transformers": version("transformers")}
