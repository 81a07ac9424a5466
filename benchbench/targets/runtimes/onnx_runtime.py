"""ONNX Runtime on CPU or CUDA, fp32, on CUDA tf32, and on CPU int8: dynamic, or static where the target is calibrated.

Options: `lowered` (default false: ONNX Runtime's own grouped convolution is faster than batched matrix products).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbench import machine
from benchbench.targets.protocol import Batch, DeviceMemory, Job, Target

if TYPE_CHECKING:
    import numpy

_FILE = "model.onnx"


class OnnxRuntime:
    name = "onnxruntime"

    def unavailable(self, target: Target) -> str | None:
        for package in ("onnxruntime", "onnx"):
            if find_spec(package) is None:
                return f"{package} is not installed (pip install 'benchbench-suite[onnxruntime]')"
        if target.device != "cpu":
            return _cuda_unavailable(target)
        return None if target.precision in ("fp32", "int8") else f"no {target.precision} on CPU in ONNX Runtime"

    def fixed_shape(self) -> bool:
        return False

    def reads_weights(self) -> bool:
        return False

    def prepare(self, job: Job, folder: Path) -> None:
        from benchbench.targets.runtimes.onnx_export import export

        path = folder / _FILE
        export(job.source, bool(job.target.options.get("lowered", False)), path)
        if job.target.precision != "int8":
            return
        from benchbench.targets.runtimes import onnx_quantisation

        if job.calibration is None:
            onnx_quantisation.dynamic(path)
        else:
            onnx_quantisation.static(path, job.calibration)

    def load(self, job: Job, folder: Path) -> OnnxSession:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = machine.threads(job.target.threads)
        options.inter_op_num_threads = 1
        # Threads that spin on after a run would take the cores from the model that runs next in this process.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        # Without VNNI, products of uint8 and int8 overflow their 16 bits; this makes them right there, if slower.
        options.add_session_config_entry("session.x64quantprecision", "1")
        session = onnxruntime.InferenceSession(folder / _FILE, options, providers=_providers(job.target))
        return OnnxSession(session, tuple(put.name for put in session.get_inputs()), job.target.device)

    def versions(self) -> Mapping[str, str]:
        return {"onnxruntime": version("onnxruntime"), "torch": version("torch")}


@dataclass(frozen=True)
class OnnxSession:
    session: Any
    inputs: tuple[str, ...]
    device: str

    def run(self, batch: Batch) -> numpy.ndarray:
        return self.session.run(None, {name: batch[name] for name in self.inputs})[0]  # type: ignore[no-any-return]

    def device_memory(self) -> DeviceMemory | None:
        """Its allocator tells nothing: on a GPU there is the driver's count alone, where PyTorch can ask the driver."""
        if self.device == "cpu":
            return None
        from benchbench.targets.runtimes import torch_accelerator

        return DeviceMemory(used=torch_accelerator.used_bytes(self.device))


def _providers(target: Target) -> list[Any]:
    if target.device == "cpu":
        return ["CPUExecutionProvider"]
    _, _, index = target.device.partition(":")
    # Left alone, it multiplies fp32 in tf32 and calls it fp32.
    options = {"device_id": int(index or 0), "use_tf32": int(target.precision == "tf32")}
    return [("CUDAExecutionProvider", options), "CPUExecutionProvider"]


def _cuda_unavailable(target: Target) -> str | None:
    import onnxruntime

    if not target.device.startswith("cuda"):
        return f"device {target.device!r} is not one of cpu, cuda, cuda:N"
    if target.precision not in ("fp32", "tf32"):
        return f"this adapter runs ONNX Runtime on a GPU in fp32 or tf32, not {target.precision}"
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        return "this ONNX Runtime has no CUDA (pip install onnxruntime-gpu in place of onnxruntime)"
    return None
