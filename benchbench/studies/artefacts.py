"""What a runtime prepares from a model (exported, compiled, quantised files), made once and kept in a cache folder."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock

import benchbench
from benchbench.models.source import ModelSource
from benchbench.studies import child
from benchbench.studies.job import Job
from benchbench.targets.protocol import Shape, Target

_NOT_IN_KEY = ("name", "tdp_watts", "tdp_source", "country", "description")


def prepare(source: ModelSource, target: Target, shape: Shape, cache: Path) -> Path:
    """The folder under `cache` with what `target`'s runtime needs to load `source`, made now if it is not there.

    A process of its own prepares it, so that exporting leaves nothing in the caller's memory. Two callers that want
    the same wait for one another. The folder appears whole (renamed) or not at all. Raises what `Runtime.prepare`
    raises (`InputError`, `Unavailable`), or `child.ChildFailed`.
    """
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / _key(source, target, shape)
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            _make(Job(source, target, shape, folder), cache)
    return folder


def _make(job: Job, cache: Path) -> None:
    scratch = Path(tempfile.mkdtemp(prefix=".preparing-", dir=cache))
    try:
        child.call("benchbench.studies.prepare_worker", Job(job.source, job.target, job.shape, scratch).to_json())
        scratch.rename(job.folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


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
