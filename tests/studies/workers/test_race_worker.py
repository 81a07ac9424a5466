"""What a race times is warm, whatever opening one entrant did to another."""

import light_engine

from benchbench.models.source import ModelSource
from benchbench.studies.workers.allocation import Allocation
from benchbench.studies.workers.race import Entrant, race
from benchbench.targets import catalogue
from benchbench.targets.protocol import Shape

COMPILES = """\
import sys, time
if self.name not in sys.compiled:
    sys.compiled.add(self.name)
    time.sleep(0.3)
time.sleep(0.06)
"""
DROPS_ALL = "import sys; sys.compiled = set()"


def test_an_engine_that_drops_what_it_compiled_when_it_opens_another_model_is_timed_warm(tmp_path):
    target = catalogue.find(light_engine.write(tmp_path, "compiler", run=COMPILES, load=DROPS_ALL))
    entrants = [Entrant(name, ModelSource(name), target) for name in ("squeezebert-tiny", "bert-tiny")]
    shape = Shape(1, 8)
    found = race(entrants, [shape], allocation=Allocation(2, 0.2, 0.05), cache=tmp_path / "cache")
    for entrant in entrants:
        assert max(ms for process in found.times(entrant.name, shape) for made in process for ms in made) < 200
