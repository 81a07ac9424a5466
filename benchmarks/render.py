"""How long a report of many measurements takes: `python benchmarks/render.py [MEASUREMENTS]` (default 100,000).

Writes an invented run into a temporary folder, renders it, and prints the time, the peak memory and the page's size.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from benchbench.machine import Machine
from benchbench.quantities import Basis
from benchbench.records import Findings, Manifest, Measurement, Provenance, Record, Subject
from benchbench.report.pages.render import render
from benchbench.runs.folder import Run
from benchbench.runs.writer import RunWriter

QUANTITIES = ("latency_p50", "latency_p90", "latency_p99", "throughput", "peak_memory", "energy_per_example", "flops")
MODELS, SHAPES = 25, tuple((batch, length) for batch in (1, 2, 4, 8, 16) for length in (32, 64, 128, 256))


def records(count: int) -> Iterator[Record]:
    """Efficiency records of `MODELS` models at all `SHAPES` on as many targets as `count` measurements need."""
    each = MODELS * len(SHAPES) * len(QUANTITIES)
    for number in range(-(-count // each)):
        yield Record(
            cell=f"efficiency_target-{number}",
            study="efficiency",
            parameters={},
            started="2026-01-01T00:00:00+00:00",
            finished="2026-01-01T00:10:00+00:00",
            provenance=Provenance(machine_id="invented", machine=Machine(cpu_model="invented")),
            findings=Findings(tuple(_measurements(number))),
        )


def _measurements(target: int) -> Iterator[Measurement]:
    for model in range(MODELS):
        for batch, length in SHAPES:
            subject = Subject(
                model=f"model-{model}",
                weights="random",
                target=f"target-{target}",
                scenario="single-stream",
                batch_size=batch,
                sequence_length=length,
            )
            for position, quantity in enumerate(QUANTITIES):
                value = (1 + model) * batch * length * (1 + position) / (1 + target % 7)
                yield Measurement(subject, quantity, value, Basis.MEASURED, 100, value * 0.98, value * 1.02)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        made = list(records(count))
        run = RunWriter.create(Path(folder) / "run", Manifest("invented", cells=tuple(record.cell for record in made)))
        for record in made:
            run.write_record(record)
        del made
        started = perf_counter()
        page = render(Run.open(run.folder))
        seconds = perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # KiB on Linux
        print(f"{count:,} measurements: {seconds:.1f} s, peak {peak:,.0f} MiB, page {page.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
