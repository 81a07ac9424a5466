"""How long a plan of 10,000 cells takes, and going on with a run in which all of them are finished.

python benchmarks/large_plan.py [FOLDER]
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchbench import machine
from benchbench.execution import papermill_run
from benchbench.execution.fingerprints import Fingerprints
from benchbench.execution.plan import plan
from benchbench.quantities import Basis
from benchbench.records import Findings, Manifest, Measurement, Provenance, Record, Subject
from benchbench.runs.writer import RunWriter
from benchbench.suites import reading as suites

SUITE = f"""\
name: large
title: Ten thousand cells
seeds: {list(range(1112))}
quality:
  - models: [squeezebert-tiny, bert-tiny, squeezebert]
    tasks: [sst2-synthetic, rte-synthetic, stsb-synthetic]
    weights: random
    data: synthetic
"""


def main(folder: Path) -> None:
    (folder / "large.yaml").write_text(SUITE)
    start = perf_counter()
    suite = suites.parse(SUITE, "large.yaml")
    fingerprints = Fingerprints(machine.machine_id(machine.machine_here()), papermill_run.folder())
    cells = plan(suite, fingerprints)
    print(f"a plan of {len(cells)} cells: {perf_counter() - start:.1f} s (at most 5 s)")
    run = RunWriter.create(folder / "run", Manifest("large", cells=tuple(cell.id for cell in cells)))
    for cell in cells:
        run.write_record(_record(cell.id, cell.parameters.model_dump(mode="json")))
    command = [sys.executable, "-m", "benchbench.cli", "run", str(folder / "large.yaml"), "--out", str(run.folder)]
    start = perf_counter()
    said = subprocess.run([*command, "--dry-run"], check=True, capture_output=True, text=True).stdout
    seconds, memory = perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    assert f"{len(cells):,} finished" in " ".join(said.split()), said[-2000:]
    print(f"going on with all of them finished: {seconds:.1f} s (at most 10 s), {memory:.0f} MiB (at most 500 MB)")


def _record(cell: str, parameters: dict[str, object]) -> Record:
    subject = Subject(model="m", weights="random", task="t", data="synthetic", seed=0)
    names = ("accuracy", "train_time", "train_energy", "train_emissions", "train_throughput")
    findings = Findings(tuple(Measurement(subject, name, 0.5, Basis.MEASURED, 100, 0.4, 0.6) for name in names))
    now = "2026-01-01T00:00:00+00:00"
    return Record(cell, "quality", parameters, "finished", now, now, Provenance(machine_id="m"), findings)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
