"""Which compact encoder, on which hardware, at what quality, speed, memory and carbon?

Importing this package is light: torch, transformers and pandas are imported by the modules that need them, not here.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pandas

try:
    __version__ = version("benchbench-suite")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+uninstalled"


def load(run: str | Path) -> pandas.DataFrame:
    """Read a run folder as one tidy table, a row per measurement (columns: `benchbench.runs.tidy.COLUMNS`).

    Raises `benchbench.errors.InputError` when `run` is not a run folder.
    """
    from benchbench.runs.folder import Run

    return Run.open(run).measurements
