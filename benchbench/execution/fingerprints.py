"""Hashes of what a cell depends on, each computed once a plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from benchbench.places import Contents
from benchbench.records import Study


@dataclass(frozen=True)
class Fingerprints:
    """`machine`: the machine's id. `notebooks`: the folder that holds quality.ipynb and efficiency.ipynb."""

    machine: str
    notebooks: Path
    contents: Contents = field(default_factory=Contents)

    def notebook_path(self, study: Study) -> Path:
        """The notebook that runs `study`."""
        return self.notebooks / f"{study}.ipynb"

    def notebook(self, study: Study) -> str:
        """A hash of the notebook that runs `study`."""
        return self.contents.of(self.notebook_path(study))
