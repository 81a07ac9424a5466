"""A target whose answers take time and no core, and of whose processes one can be made to go wrong."""

from __future__ import annotations

from pathlib import Path

_ENGINE = '''"""An engine whose answers take 5 ms, and of whose processes one goes wrong as a file beside it says."""

import json, os, time
from pathlib import Path
import numpy
from benchbench.targets.protocol import Target

HERE = Path(__file__).parent


def goes_wrong():
    try:
        os.close(os.open(HERE / "went-wrong", os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


class Session:
    def __init__(self, fault):
        self.left = 40 if fault == "dies while it answers" and goes_wrong() else -1

    def run(self, batch):
        time.sleep(0.005)
        self.left -= 1
        if self.left == 0:
            os._exit(7)
        return numpy.zeros((len(batch["input_ids"]), 2), dtype=numpy.float32)

    def device_memory(self):
        return None


class RUNTIME:
    name = "sleeper"

    def unavailable(self, target):
        return None

    def fixed_shape(self):
        return False

    def reads_weights(self):
        return False

    def prepare(self, job, folder):
        pass

    def load(self, job, folder):
        (folder / f"opened-{os.getpid()}.json").write_text(
            json.dumps([job.target.threads, sorted(os.sched_getaffinity(0))])
        )
        fault = (HERE / "fault").read_text()
        if fault == "dies" and goes_wrong():
            os._exit(7)
        if fault == "cannot open" and goes_wrong():
            raise ValueError("no such operator")
        if fault == "hangs" and goes_wrong():
            time.sleep(600)
        return Session(fault)

    def versions(self):
        return {}


TARGET = Target(name="sleeper", runtime="")
'''


def write(folder: Path, fault: str = "") -> Path:
    """The target's file. `fault`: of the first process that opens a model; empty for none."""
    (folder / "fault").write_text(fault)
    file = folder / "engine.py"
    file.write_text(_ENGINE)
    return file
