"""A data set's identity: its content, whatever file, cache or hub it came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datasets

_ROWS_AT_ONCE = 1000


def of(train: datasets.Dataset, evaluation: Mapping[str, datasets.Dataset]) -> str:
    """SHA-256 (hex) over the columns and rows of all splits, in their order."""
    digest = hashlib.sha256()
    for name, split in (("train", train), *evaluation.items()):
        columns = sorted(split.column_names)
        digest.update(json.dumps([name, columns, len(split)]).encode())
        for start in range(0, len(split), _ROWS_AT_ONCE):
            rows = split[start : start + _ROWS_AT_ONCE]
            digest.update(json.dumps([rows[column] for column in columns]).encode())
    return digest.hexdigest()
