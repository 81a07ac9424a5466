"""A run whose cells take a second or two: real planning, kernels, records and report around notebooks that only count.

python tests/support/light_run.py OUT
"""

import sys
from pathlib import Path

import nbformat

from benchbench.errors import InputError
from benchbench.execution.bench import Preparation, Request, bench
from benchbench.execution.fingerprints import Fingerprints
from benchbench.execution.plan import plan
from benchbench.machine import Machine
from benchbench.suites.reading import parse
from benchbench.suites.selection import Selection

SUITE = """\
name: light
title: Cells that only count
budget: 10s
seeds: [0, 1]
quality:
  - {models: [squeezebert-tiny], tasks: [rte-synthetic, sst2-synthetic], weights: random, data: synthetic}
efficiency:
  - {models: [squeezebert-tiny, bert-tiny], targets: [torch-cpu]}
"""

QUALITY = """\
import hashlib
from time import sleep
from benchbench.quantities import Basis
from benchbench.records import Findings, Measurement, Subject
from benchbench.studies.display import Shown
sleep(0.5)
score = int(hashlib.sha256(f"{task} {seed}".encode()).hexdigest()[:6], 16) / 16**6
subject = Subject(model=model, weights=weights, task=task, data=data, seed=seed)
Shown(Findings((Measurement(subject, "accuracy", score, Basis.MEASURED, 500),)))
"""

EFFICIENCY = """\
from time import sleep
from benchbench.quantities import Basis
from benchbench.records import Findings, Measurement, Subject
from benchbench.studies.display import Shown
sleep(0.5)
Shown(Findings(tuple(
    Measurement(Subject(model=model, weights=weights, target=target), "parameters", len(model) * 1e6, Basis.COUNTED)
    for model in models
)))
"""


class Silent:
    def started(self, cell):
        print(cell.id, flush=True)

    def ended(self, cell, record):
        return


def preparation(out: Path, quality: str = QUALITY, time_limit_seconds: float | None = None) -> Preparation:
    """What `main` runs, with another body of the quality notebook for a run that goes wrong."""
    suite = parse(SUITE, "light.yaml")
    fingerprints = Fingerprints("a-machine", _notebooks(out.parent / "notebooks", quality))
    request = Request("light", Selection(), out, retry_failed=True, time_limit_seconds=time_limit_seconds)
    return Preparation(request, suite, SUITE, out, plan(suite, fingerprints), fingerprints, Machine(), {})


def _notebooks(folder: Path, quality: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    for name, body in (("quality", quality), ("efficiency", EFFICIENCY)):
        parameters = nbformat.v4.new_code_cell("model = None", id="parameters", metadata={"tags": ["parameters"]})
        cells = [parameters, nbformat.v4.new_code_cell(body, id="body")]
        path = folder / f"{name}.ipynb"
        if not path.exists():
            nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    return folder


def main(out: Path) -> int:
    """Run to the end, and return the exit code that the command line would have."""
    try:
        _, failures = bench(preparation(out), Silent())
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 3 if failures else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
