"""A run whose cells take no longer than their kernels: all is real around notebooks that only count.

python tests/support/light_run.py OUT
"""

import hashlib
import json
import sys
from pathlib import Path

from benchbench.errors import InputError
from benchbench.execution.bench import Preparation, Request, bench
from benchbench.execution.fingerprints import Fingerprints
from benchbench.execution.plan import plan
from benchbench.execution.preflight import Checked
from benchbench.execution.progress import CellStarted
from benchbench.machine import Machine
from benchbench.report.writing import write_report
from benchbench.suites.reading import parse
from benchbench.suites.selection import Selection

QUALITY_CELLS = """\
name: light
title: Cells that only count
budget: 10s
seeds: [0, 1]
quality:
  - {models: [squeezebert-tiny], tasks: [rte-synthetic, sst2-synthetic], weights: random, data: synthetic}
"""
EFFICIENCY_CELL = """\
efficiency:
  - {models: [squeezebert-tiny, bert-tiny], targets: [torch-cpu]}
"""
SUITE = QUALITY_CELLS + EFFICIENCY_CELL
SMALL = QUALITY_CELLS.replace("[0, 1]", "[0]") + EFFICIENCY_CELL

QUALITY = """\
import hashlib
from benchbench.quantities import Basis
from benchbench.records import Findings, Measurement, Subject
from benchbench.studies.display import show
score = int(hashlib.sha256(f"{task} {seed}".encode()).hexdigest()[:6], 16) / 16**6
subject = Subject(model=model, weights=weights, task=task, data=data, seed=seed)
show(Findings((Measurement(subject, "accuracy", score, Basis.MEASURED, 500),)))
"""

EFFICIENCY = """\
from benchbench.quantities import Basis
from benchbench.records import Findings, Measurement, Subject
from benchbench.studies.display import show
show(Findings(tuple(
    Measurement(Subject(model=model, weights=weights, target=target), "parameters", len(model) * 1e6, Basis.COUNTED)
    for model in models
)))
"""


class Silent:
    """Says which cells begin, and nothing else."""

    def __call__(self, event):
        if isinstance(event, CellStarted):
            print(event.cell.id, flush=True)


def score(task: str, seed: int) -> float:
    """What the quality notebook finds."""
    return int(hashlib.sha256(f"{task} {seed}".encode()).hexdigest()[:6], 16) / 16**6


def preparation(
    out: Path, quality: str = QUALITY, time_limit_seconds: float | None = None, text: str = SUITE
) -> Preparation:
    """What `main` runs, with another body of the quality notebook for a run that goes wrong, or another suite."""
    suite = parse(text, "light.yaml")
    fingerprints = Fingerprints("a-machine", notebooks(out.parent / "notebooks", quality))
    request = Request("light", Selection(), out, retry_failed=True, time_limit_seconds=time_limit_seconds)
    return Preparation(request, suite, text, out, plan(suite, fingerprints), fingerprints, Machine(), Checked({}, {}))


def notebooks(folder: Path, quality: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in (("quality", quality), ("efficiency", EFFICIENCY)):
        path = folder / f"{name}.ipynb"
        if not path.exists():
            path.write_text(json.dumps(notebook(body)))
    return folder


def notebook(body: str) -> dict[str, object]:
    """As Jupyter would write it: importing nbformat takes longer than all else that a light run does."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    steps = {"parameters": "parameters = {}", "names": "globals().update(parameters)", "body": body}
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": name,
            "metadata": {"tags": ["parameters"]} if name == "parameters" else {},
            "outputs": [],
            "source": source,
        }
        for name, source in steps.items()
    ]
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def main(out: Path, text: str = SUITE) -> int:
    """Run to the end, and return the exit code that the command line would have."""
    try:
        _, failures = bench(preparation(out, text=text), Silent(), write_report)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 3 if failures else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
