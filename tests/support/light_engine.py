"""An engine that answers zeros, for tests of what stands around engines: it imports no library of models."""

from pathlib import Path
from textwrap import indent

SOURCE = """\
import os
from pathlib import Path

import numpy

from benchbench.targets.protocol import Target


class Session:
    def __init__(self, name):
        self.name, self.runs = name, 0

    def run(self, batch):
        self.runs += 1
{run}
        return numpy.zeros((len(batch["input_ids"]), 2), numpy.float32)

    def device_memory(self):
        return None


class RUNTIME:
    name = "{name}"

    def unavailable(self, target):
        return None

    def fixed_shape(self):
        return False

    def reads_weights(self):
        return False

    def versions(self):
        return {{"{name}": "1"}}

    def prepare(self, job, folder):
        pass

    def load(self, job, folder):
{load}
        return Session(job.source.name)


TARGET = Target(name="{name}", runtime=__file__)
"""


def write(folder: Path, name: str, *, run: str = "pass", load: str = "pass") -> str:
    """The file of a target `name` that does `run` at each query, which knows `self.name`, `self.runs` and `batch`."""
    file = folder / f"{name}.py"
    file.write_text(SOURCE.format(name=name, run=indent(run, " " * 8), load=indent(load, " " * 8)))
    return str(file)
