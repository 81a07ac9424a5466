"""What a deploy itself costs: preparing the artefact, its bytes and memory, and the wait for the first answer."""

from __future__ import annotations

from dataclasses import replace

from benchbench import caches
from benchbench.errors import Missing, one_line
from benchbench.meters import statistics
from benchbench.quantities import Basis
from benchbench.records import Absence, Findings, Measurement, Subject, join
from benchbench.studies.efficiency.latencies import interval_measurement
from benchbench.studies.workers.cold_start import ColdStartRequest, cold_start_seconds
from benchbench.studies.workers.deployment_worker import DeploymentRequest
from benchbench.studies.workers.footprint import of_prepared
from benchbench.targets import artefacts
from benchbench.targets.protocol import Prepared
from benchbench.targets.texts import Written

_HALF_WIDTH = 0.1  # of a cold start, which a few processes tell


def of_artefact(
    prepared: Prepared, prepare_seconds: float | None, request: DeploymentRequest, subject: Subject
) -> Findings:
    """The time to prepare it, the bytes on disk without the tokenizer, the peak of memory while it runs."""
    shipped = artefacts.shipped_bytes(prepared)
    rows = [Measurement(subject, "artefact_bytes", shipped, Basis.COUNTED, note=prepared.job.calibrated_on)]
    if prepare_seconds is not None:
        rows.append(Measurement(subject, "prepare_time", prepare_seconds, Basis.MEASURED))
    return join([Findings(tuple(rows)), _memory(prepared, request, subject)])


def _memory(prepared: Prepared, request: DeploymentRequest, subject: Subject) -> Findings:
    shape = prepared.job.shape
    at = replace(subject, batch_size=shape.batch_size, sequence_length=shape.sequence_length or None)
    written = request.texts if isinstance(request.texts, Written) else None
    try:
        profile = of_prepared(prepared, caches.prepared(), texts=written).memory
    except Exception as error:  # an engine may fail in any way in a new process; what was scored stays
        return Findings((), (Absence(at, f"not measured: {one_line(error)}", "peak_memory"),))
    peak = profile.peak_where_it_runs_bytes
    if isinstance(peak, Missing):
        return Findings((), (Absence(at, peak.reason, "peak_memory"),))
    return Findings((Measurement(at, "peak_memory", peak, Basis.MEASURED, note=profile.said),))


def cold_starts(prepared: Prepared, request: DeploymentRequest, subject: Subject, count: int) -> Findings:
    """The time to the first answer of `count` new processes, one after the other; nothing for none."""
    if not count:
        return Findings()
    asked = ColdStartRequest(prepared, *request.first())
    try:
        seconds = [cold_start_seconds(asked) for _ in range(count)]
    except Exception as error:  # as above
        return Findings((), (Absence(subject, f"not measured: {one_line(error)}", "cold_start"),))
    found = statistics.median([[[each]] for each in seconds])
    at = replace(subject, batch_size=request.texts.batch_size)
    row = interval_measurement(at, "cold_start", found, count, _HALF_WIDTH)
    return Findings((row,))
