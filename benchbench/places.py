"""Whether a name that a person gave is that of a file or a folder here, whatever the name holds.

`pathlib` raises on a name that is too long for the file system; no such name is a file's.
"""

from __future__ import annotations

import os


def is_file(name: str | os.PathLike[str]) -> bool:
    """True for an existing file, False for every other name."""
    return os.path.isfile(name)  # noqa: PTH113


def is_folder(name: str | os.PathLike[str]) -> bool:
    """True for an existing folder, False for every other name."""
    return os.path.isdir(name)  # noqa: PTH112
