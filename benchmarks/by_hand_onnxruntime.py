"""ONNX Runtime as one would call it in ten lines: the shipped target must not be slower.

benchbench speedup squeezebert squeezebert --target benchmarks/by_hand_onnxruntime.py --candidate-target onnxruntime-cpu
"""

import onnxruntime

from benchbench.targets.protocol import Target
from benchbench.targets.runtimes.onnx_runtime import OnnxRuntime


class RUNTIME(OnnxRuntime):
    def load(self, job, folder):
        options = onnxruntime.SessionOptions()
        # The two run in turn in one process: threads of this one that spun on would slow the other, not themselves.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        return Session(onnxruntime.InferenceSession(folder / "model.onnx", options))


class Session:
    def __init__(self, session):
        self.session, self.names = session, [put.name for put in session.get_inputs()]

    def run(self, batch):
        return self.session.run(None, {name: batch[name] for name in self.names})[0]

    def device_memory(self):
        return None


TARGET = Target(name="by-hand-onnxruntime", runtime=__file__, options={"lowered": False})
