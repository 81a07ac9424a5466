"""What a runtime prepares from a model (exported, compiled, quantised files), made once and kept in a cache folder."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

import benchbench
from benchbench import caches, forking, places, processes
from benchbench.errors import InputError, Missing, one_line
from benchbench.targets import limits
from benchbench.targets.prepare_worker import Preparation, prepare_each
from benchbench.targets.protocol import Job, Prepared

_WEIGHTS = (".safetensors", ".bin")
_NOT_IN_KEY = ("name", "tdp_watts", "tdp_source", "country", "description")


def prepare(job: Job, cache: Path) -> Prepared:
    """`job` with a folder under `cache` that holds what its runtime needs to load it, made now if it is not there.

    Raises `InputError` with the reason when it cannot be made.
    """
    (prepared,) = prepare_all([job], cache)
    if isinstance(prepared, Missing):
        raise InputError(f"{job.source.name} cannot be prepared for {job.target.name}: {prepared.reason}")
    return prepared


def prepare_all(jobs: Sequence[Job], cache: Path, call: forking.Calls = processes.call) -> list[Prepared | Missing]:
    """Prepare what is not in `cache` yet; for each job, in their order, its folder or the engine's own error.

    One process of its own prepares all of them, so that exporting leaves nothing in the caller's memory and the
    libraries are imported once; `call` starts it. Two callers that want the same wait for one another. A folder appears
    whole (renamed) or not at all.
    """
    folders = [cache / _key(job) for job in jobs]
    with caches.locked(cache):
        absent = {folder: job for folder, job in zip(folders, jobs, strict=True) if not folder.exists()}
        failures = _make(absent, cache, call) if absent else {}
    return [failures.get(folder) or Prepared(job, folder) for folder, job in zip(folders, jobs, strict=True)]


@dataclass(frozen=True, slots=True)
class Preparing:
    """A job's artefact or why there is none, and the seconds that making it took; None where nothing is made: its
    runtime reads the model's own weights.
    """

    made: Prepared | Missing
    seconds: float | None


def prepare_timed(jobs: Sequence[Job], cache: Path, call: forking.Calls) -> list[Preparing]:
    """`prepare_all` of one model for several targets with a clock, for an empty `cache`.

    Each job that leaves files has a process to itself. Imports that it does not find there count.
    """
    from benchbench.targets.catalogue import runtime_of

    as_they_are = [job for job in jobs if runtime_of(job.target).reads_weights()]
    made = dict(zip((job.target.name for job in as_they_are), prepare_all(as_they_are, cache, call), strict=True))
    found = {name: Preparing(one, None) for name, one in made.items()}
    for job in jobs:
        if job.target.name not in found:
            start = perf_counter()
            (alone,) = prepare_all([job], cache, call)
            found[job.target.name] = Preparing(alone, perf_counter() - start)
    return [found[job.target.name] for job in jobs]


def shipped_bytes(prepared: Prepared) -> int:
    """Bytes on disk of what a service would ship, without the tokenizer: what the runtime made, and the weights of a
    model in a folder where the runtime reads them again.
    """
    from benchbench.targets.catalogue import runtime_of

    shipped = [file for file in places.files(prepared.folder) if file.name != limits.FILE]
    folder = prepared.job.source.weights.path
    if folder is not None and runtime_of(prepared.job.target).reads_weights():
        shipped += [file for file in places.files(folder) if file.suffix in _WEIGHTS]
    return sum(file.stat().st_size for file in shipped)


def _make(absent: Mapping[Path, Job], cache: Path, call: forking.Calls) -> Mapping[Path, Missing]:
    """Make the absent folders; why, of those that could not be made."""
    scratch = Path(tempfile.mkdtemp(prefix=".preparing-", dir=cache))
    wanted = {folder: Preparation(job, scratch / folder.name) for folder, job in absent.items()}
    failures = {}
    try:
        for preparation in wanted.values():
            preparation.folder.mkdir()
        answers = _answers(tuple(wanted.values()), call)
        for (folder, preparation), failure in zip(wanted.items(), answers, strict=True):
            if failure is None:
                preparation.folder.rename(folder)
            else:
                failures[folder] = failure
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return failures


def _answers(preparations: tuple[Preparation, ...], call: forking.Calls) -> Sequence[Missing | None]:
    """What the process says of each; where it dies, each is tried in one of its own, to find which it is."""
    try:
        return call(prepare_each, preparations)
    except processes.ChildFailed as error:
        if len(preparations) == 1:
            return [Missing(one_line(error))]
    for preparation in preparations:
        shutil.rmtree(preparation.folder)
        preparation.folder.mkdir()
    return [answer for preparation in preparations for answer in _answers((preparation,), call)]


def _key(job: Job) -> str:
    """A hash of everything the prepared files depend on."""
    from benchbench.targets.catalogue import runtime_of

    runtime = runtime_of(job.target)
    facts = {
        "source": asdict(job.source),
        "files": job.source.stamp(),
        "target": {key: value for key, value in asdict(job.target).items() if key not in _NOT_IN_KEY},
        "shape": asdict(job.shape) if runtime.fixed_shape() else None,
        "calibration": job.calibration.fingerprint if job.target.calibrated and job.calibration else None,
        "versions": {"benchbench": benchbench.__version__, **runtime.versions()},
    }
    text = json.dumps(facts, sort_keys=True, default=str)
    return f"{runtime.name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
