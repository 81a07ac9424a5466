"""FLOPs that are counted once: they follow from a model's configuration and a shape, on every target alike."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from benchbench import caches
from benchbench.errors import InputError
from benchbench.meters.flops.counting import FlopCount, count
from benchbench.models.source import Head
from benchbench.runs import atomic
from benchbench.targets.protocol import Shape

if TYPE_CHECKING:
    from torch import nn

_LIBRARIES = ("torch", "transformers", "fvcore")
_COUNT = TypeAdapter(FlopCount)


def counted(module: nn.Module, shape: Shape, head: Head) -> FlopCount:
    """What `counting.count` says of the plain `module` at `shape`, read where the same was counted before.

    A count that cannot be kept is made all the same.
    """
    kept = caches.counts() / f"{_key(module, shape, head)}.json"
    if found := _read(kept):
        return found
    made = count(module, shape.batch_size, shape.sequence_length, head)
    try:
        atomic.write_text(kept, _COUNT.dump_json(made).decode())
    except InputError:
        return made
    return made


def _read(kept: Path) -> FlopCount | None:
    """None where there is none that can be read."""
    try:
        return _COUNT.validate_json(kept.read_bytes())
    except (OSError, ValidationError):
        return None


def _key(module: nn.Module, shape: Shape, head: Head) -> str:
    """A hash of all that a count depends on: the configuration, the shape, what builds a model and what counts."""
    config: Any = module.config
    versions = {name: version(name) for name in _LIBRARIES}
    code = caches.code_of("benchbench.models", "benchbench.meters.flops")
    facts = (type(module).__name__, config.to_dict(), shape.batch_size, shape.sequence_length, head, versions, code)
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:24]
