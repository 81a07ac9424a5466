"""The folders that a run gives to a cell's kernel, through its environment. A notebook run by hand has none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_SCRATCH = "BENCHBENCH_SCRATCH"
_MODEL = "BENCHBENCH_KEPT_MODEL"


@dataclass(frozen=True, slots=True)
class CellFolders:
    """`scratch`: for what is needed while the cell runs; the run removes it, however the kernel ends. None: a temporary
    one. `model`: where the fine-tuned model is to be kept; None where it is not.
    """

    scratch: Path | None = None
    model: Path | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        """What tells a kernel."""
        named = {_SCRATCH: self.scratch, _MODEL: self.model}
        return {name: str(path.resolve()) for name, path in named.items() if path is not None}


def here() -> CellFolders:
    """What this kernel was told."""
    scratch, model = (Path(text) if (text := os.environ.get(name)) else None for name in (_SCRATCH, _MODEL))
    return CellFolders(scratch, model)
