"""What a runtime prepares from a model (exported, compiled, quantised files), made once and kept in a cache folder."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from filelock import FileLock
from platformdirs import user_cache_path

import benchbench
from benchbench import processes
from benchbench.errors import InputError
from benchbench.models.source import ModelSource
from benchbench.targets.protocol import Job, Shape, Target

_NOT_IN_KEY = ("name", "tdp_watts", "tdp_source", "country", "description")


@dataclass(frozen=True, slots=True)
class Prepared:
    """`folder` is whole and ready, or `reason` says why there is none (the engine's own error, in one line)."""

    folder: Path
    reason: str = ""


def prepare(source: ModelSource, target: Target, shape: Shape, cache: Path) -> Path:
    """The folder under `cache` with what `target`'s runtime needs to load `source`, made now if it is not there.

    Raises `InputError` with the reason when it cannot be made, and `processes.ChildFailed`.
    """
    prepared = prepare_all([Job(source, target, shape, cache)], cache)[0]
    if prepared.reason:
        raise InputError(f"{source.model} cannot be prepared for {target.name}: {prepared.reason}")
    return prepared.folder


def default_cache() -> Path:
    """Where this user's prepared models lie: the system's cache folder for benchbench."""
    return user_cache_path("benchbench", appauthor=False) / "prepared"


def prepare_all(wanted: Sequence[Job], cache: Path) -> list[Prepared]:
    """Prepare what is not in `cache` yet (the jobs' own folders are ignored); an answer for each job, in their order.

    One process of its own prepares all of them, so that exporting leaves nothing in the caller's memory and the
    libraries are imported once. Two callers that want the same wait for one another. A folder appears whole (renamed)
    or not at all. Raises `processes.ChildFailed` when the process dies.
    """
    cache.mkdir(parents=True, exist_ok=True)
    folders = [cache / _key(job.source, job.target, job.shape) for job in wanted]
    with FileLock(cache / ".preparing.lock"):
        missing = {folder: job for folder, job in zip(folders, wanted, strict=True) if not folder.exists()}
        reasons = _make(missing, cache) if missing else {}
    return [Prepared(folder, reasons.get(folder, "")) for folder in folders]


def _make(missing: Mapping[Path, Job], cache: Path) -> Mapping[Path, str]:
    """Make the missing folders; the reasons of those that could not be made."""
    scratch = Path(tempfile.mkdtemp(prefix=".preparing-", dir=cache))
    jobs = {folder: replace(job, folder=scratch / folder.name) for folder, job in missing.items()}
    try:
        for job in jobs.values():
            job.folder.mkdir()
        answers = processes.call(
            "benchbench.targets.prepare_worker", {"jobs": [job.to_json() for job in jobs.values()]}
        )
        reasons = dict(zip(jobs, answers, strict=True))
        for folder, job in jobs.items():
            if not reasons[folder]:
                job.folder.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return reasons


def _key(source: ModelSource, target: Target, shape: Shape) -> str:
    """A hash of everything the prepared files depend on."""
    from benchbench.targets.catalogue import runtime_of

    runtime = runtime_of(target)
    facts = {
        "source": asdict(source),
        "files": _stamp(source),
        "target": {key: value for key, value in asdict(target).items() if key not in _NOT_IN_KEY},
        "shape": asdict(shape) if runtime.fixed_shape() else None,
        "versions": {"benchbench": benchbench.__version__, **runtime.versions()},
    }
    text = json.dumps(facts, sort_keys=True, default=str)
    return f"{runtime.name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _stamp(source: ModelSource) -> Mapping[str, Any]:
    """Size and time of each file of local weights or a local model, so that a changed checkpoint is prepared anew."""
    places = (source.model, source.weights.partition(":")[2] if source.weights.startswith("local:") else "")
    folders = [Path(place) for place in places if place and Path(place).is_dir()]
    files = [file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file()]
    return {str(file): (file.stat().st_size, file.stat().st_mtime_ns) for file in files}
