"""OpenVINO as one would call it in ten lines: the shipped target must not be slower.

benchbench speedup squeezebert squeezebert --target benchmarks/by_hand_openvino.py --candidate-target openvino-cpu
"""

import openvino

from benchbench.targets.protocol import Target
from benchbench.targets.runtimes.openvino_runtime import OpenVino


class RUNTIME(OpenVino):
    def load(self, job, folder):
        hints = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
        return Session(openvino.Core().compile_model(folder / "model.xml", "CPU", hints))


class Session:
    def __init__(self, compiled):
        self.compiled, self.names = compiled, [put.any_name for put in compiled.inputs]

    def run(self, batch):
        return self.compiled({name: batch[name] for name in self.names})[0]

    def device_memory(self):
        return None


TARGET = Target(name="by-hand-openvino", runtime=__file__, options={"lowered": True})
