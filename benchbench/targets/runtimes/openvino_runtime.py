"""OpenVINO on CPU, in fp32, bf16, or int8 (quantised by NNCF); prepared for all shapes, or for one.

Options: `lowered` (default true). `least_r_squared`, in int8: how near the logits must stay to those of fp32; layers
that change them too much stay in fp32.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbench import machine
from benchbench.targets.calibration import Calibration
from benchbench.targets.protocol import Batch, Job, Target

if TYPE_CHECKING:
    import numpy

_FILE = "model.xml"
_HINT = {"fp32": "f32", "bf16": "bf16", "fp16": "f16", "int8": "f32"}


class OpenVino:
    name = "openvino"

    def unavailable(self, target: Target) -> str | None:
        for package in ("openvino", "onnx"):
            if find_spec(package) is None:
                return f"{package} is not installed (pip install 'benchbench-suite[openvino]')"
        if target.device != "cpu":
            return f"device {target.device!r}: this adapter runs OpenVINO on cpu only"
        if target.precision == "int8" and not target.calibrated:
            return "int8 in OpenVINO is calibrated: the target's file needs `calibrated: true`"
        if target.precision == "int8" and find_spec("nncf") is None:
            return "nncf is not installed (pip install 'benchbench-suite[openvino-int8]')"
        return machine.lacks(target.precision)

    def fixed_shape(self) -> bool:
        return False

    def reads_weights(self) -> bool:
        return False

    def prepare(self, job: Job, folder: Path) -> None:
        import openvino

        from benchbench.targets.runtimes.onnx_export import export

        exported = folder / "model.onnx"
        export(job.source, bool(job.target.options.get("lowered", True)), exported)
        model = openvino.Core().read_model(exported)
        if job.calibration is not None:
            model = _quantised(model, job.calibration, job.target)
        if self.fixed_shape():
            size = [job.shape.batch_size, job.shape.sequence_length]
            model.reshape({put.any_name: size for put in model.inputs})
        openvino.save_model(model, folder / _FILE, compress_to_fp16=False)
        exported.unlink()

    def load(self, job: Job, folder: Path) -> OpenVinoSession:
        compiled = _compiled(job.target, folder, "LATENCY")
        return OpenVinoSession(compiled.create_infer_request(), _inputs(compiled))

    def load_queue(self, job: Job, folder: Path) -> OpenVinoQueue:
        """In as many streams as the engine chooses for throughput."""
        import openvino

        compiled = _compiled(job.target, folder, "THROUGHPUT")
        queue = openvino.AsyncInferQueue(compiled)
        queue.set_callback(_answered)
        return OpenVinoQueue(queue, _inputs(compiled))

    def versions(self) -> Mapping[str, str]:
        packages = ("openvino", "torch", *(("nncf",) if find_spec("nncf") else ()))
        return {package: version(package) for package in packages}


class OpenVinoStatic(OpenVino):
    """Knowing the shape, OpenVINO plans its memory and leaves out the arithmetic on shapes."""

    name = "openvino-static"

    def fixed_shape(self) -> bool:
        return True


def _compiled(target: Target, folder: Path, hint: str) -> Any:
    import openvino

    settings = {
        "PERFORMANCE_HINT": hint,
        "INFERENCE_PRECISION_HINT": _HINT[target.precision],
        "INFERENCE_NUM_THREADS": machine.threads(target.threads),
    }
    return openvino.Core().compile_model(folder / _FILE, "CPU", settings)


def _inputs(compiled: Any) -> tuple[str, ...]:
    return tuple(put.any_name for put in compiled.inputs)


def _answered(request: Any, done: Callable[[numpy.ndarray], None]) -> None:
    """The engine uses a request's memory again: its logits are copied."""
    import numpy

    done(numpy.array(request.get_output_tensor(0).data, dtype=numpy.float32))


def _quantised(model: Any, calibration: Calibration, target: Target) -> Any:
    from benchbench.targets.runtimes import openvino_quantisation

    least = target.options.get("least_r_squared")
    if least is None:
        return openvino_quantisation.quantised(model, calibration)
    return openvino_quantisation.quantised_within(model, calibration, float(least))  # type: ignore[arg-type]


@dataclass(frozen=True)
class OpenVinoQueue:
    queue: Any
    inputs: tuple[str, ...]

    def wait_for_place(self) -> None:
        self.queue.get_idle_request_id()

    def start(self, batch: Batch, done: Callable[[numpy.ndarray], None]) -> None:
        self.queue.start_async({name: batch[name] for name in self.inputs}, done, share_inputs=True)

    def finish(self) -> None:
        self.queue.wait_all()


@dataclass(frozen=True)
class OpenVinoSession:
    request: Any
    inputs: tuple[str, ...]

    def run(self, batch: Batch) -> numpy.ndarray:
        import numpy

        outputs = self.request.infer({name: batch[name] for name in self.inputs}, share_inputs=True)
        return numpy.asarray(outputs[0], dtype=numpy.float32)

    def device_memory(self) -> None:
        return None
