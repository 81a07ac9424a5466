"""Hashes of what a cell depends on, each computed once a plan."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from benchbench.records import Study


@dataclass(frozen=True)
class Fingerprints:
    """`machine`: the machine's id. `notebooks`: the folder that holds quality.ipynb and efficiency.ipynb."""

    machine: str
    notebooks: Path
    _seen: dict[str, str] = field(default_factory=dict)

    def notebook_path(self, study: Study) -> Path:
        """The notebook that runs `study`."""
        return self.notebooks / f"{study}.ipynb"

    def notebook(self, study: Study) -> str:
        """SHA-256 of the notebook that runs `study`."""
        return self._once(f"notebook:{study}", self.notebook_path(study))

    def folder(self, source: str) -> str:
        """'local:FOLDER' as a hash of its files; every other source is its own fingerprint."""
        kind, _, path = source.partition(":")
        if kind != "local":
            return source
        return self._once(source, Path(path))

    def _once(self, key: str, path: Path) -> str:
        if key not in self._seen:
            self._seen[key] = _hash(path)
        return self._seen[key]


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    for file in files:
        digest.update(str(file.relative_to(path)).encode())
        with file.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
