"""Random weights drawn once and kept in a file: a fresh process reads what it would have drawn, to the bit.

They are read into a network's own memory, not mapped: mapped pages that nothing has touched yet would be missing from
what a model takes, and rows that begin elsewhere than PyTorch's own would be multiplied by other code.
"""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import benchbench
from benchbench import caches
from benchbench.models import loading, zoo
from benchbench.models.source import ModelSource
from benchbench.places import RANDOM

if TYPE_CHECKING:
    import numpy
    from torch import Tensor, nn

_CHECKSUM_BYTES = 4  # of CRC-32, which takes a third of the time that reading does


def keep(source: ModelSource) -> None:
    """Write the random weights of `source` to the cache where they are not there yet.

    Weights that come from a checkpoint lie in a file already, and where parameters are shared nothing is kept.
    """
    if source.weights != RANDOM:
        return
    file = _file(source)
    with caches.locked(file.parent):
        if file.exists():
            return
        model = loading.build(replace(source, lowered=False))
        if not _plain(model):
            return
        part = file.with_suffix(".part")
        with part.open("wb") as stream:
            _write(_tensors(model), stream)
        part.replace(file)


def build(source: ModelSource) -> nn.Module:
    """As `loading.build`, from the kept file where there is one; one that is not whole is removed."""
    if source.weights != RANDOM or not (file := _file(source)).exists():
        return loading.build(source)
    model = loading.unfilled(source)
    try:
        with file.open("rb", buffering=0) as stream:
            _fill(_tensors(model), stream)
    except (OSError, EOFError):
        file.unlink(missing_ok=True)
        return loading.build(source)
    return loading.lowered(model, source).eval()


def _write(tensors: Iterable[Tensor], stream: BinaryIO) -> None:
    """The values one after the other, then a checksum of them all."""
    checksum = 0
    for tensor in tensors:
        values = _bytes(tensor).data
        checksum = zlib.crc32(values, checksum)
        stream.write(values)
    stream.write(checksum.to_bytes(_CHECKSUM_BYTES))


def _fill(tensors: Iterable[Tensor], stream: io.RawIOBase) -> None:
    """What `_write` wrote. Raises `EOFError` where the file is shorter or longer, or its checksum another."""
    checksum = 0
    for tensor in tensors:
        values = _bytes(tensor).data
        _read(stream, values)
        checksum = zlib.crc32(values, checksum)
    if stream.read() != checksum.to_bytes(_CHECKSUM_BYTES):
        raise EOFError


def _read(stream: io.RawIOBase, values: memoryview) -> None:
    """Fill `values`; one read gives 2 GiB at most. Raises `EOFError` where the file ends before."""
    while values:
        count = stream.readinto(values)
        if not count:
            raise EOFError
        values = values[count:]


def _file(source: ModelSource) -> Path:
    """Named after a hash of everything that the weights depend on; lowering changes how they are run, not them."""
    versions = [benchbench.__version__, version("torch"), version("transformers")]
    text = json.dumps([_settings(source), source.head, source.seed, versions], sort_keys=True, default=str)
    return caches.weights() / f"{source.name.replace('/', '--')}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _settings(source: ModelSource) -> object:
    """The configuration; of the zoo as its row has it, so that no library is imported for weights that lie there."""
    row = zoo.find(source.model)
    return loading.config(source).to_dict() if row is None else [row.model_type, row.config, source.num_labels]


def _tensors(model: nn.Module) -> Iterator[Tensor]:
    """Parameters and buffers, those too that a checkpoint would not hold, in the order of the network."""
    yield from (parameter.detach() for parameter in model.parameters())
    yield from model.buffers()


def _plain(model: nn.Module) -> bool:
    """No parameter or buffer is shared or lies in memory in another order than its own."""
    every = [*model.named_parameters(remove_duplicate=False), *model.named_buffers(remove_duplicate=False)]
    places = {tensor.data_ptr() for _, tensor in every}
    return len(places) == len(every) and all(tensor.is_contiguous() for _, tensor in every)


def _bytes(tensor: Tensor) -> numpy.ndarray:
    import torch

    return tensor.reshape(-1).view(torch.uint8).numpy()
