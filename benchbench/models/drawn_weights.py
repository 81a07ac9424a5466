"""Random weights drawn once and kept in a file: a fresh process reads what it would have drawn, to the bit.

They are read into a network's own memory, not mapped: mapped pages that nothing has touched yet would be missing from
what a model takes, and rows that begin elsewhere than PyTorch's own would be multiplied by other code.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import benchbench
from benchbench import caches
from benchbench.errors import InputError
from benchbench.models import loading
from benchbench.models.source import ModelSource
from benchbench.places import RANDOM

if TYPE_CHECKING:
    import numpy
    from torch import Tensor, nn


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
            for tensor in _tensors(model):
                stream.write(_bytes(tensor).data)
        part.replace(file)


def build(source: ModelSource) -> nn.Module:
    """As `loading.build`, from the kept file where there is one."""
    if source.weights != RANDOM or not (file := _file(source)).exists():
        return loading.build(source)
    model = loading.unfilled(source)
    tensors = list(_tensors(model))
    if file.stat().st_size != sum(tensor.nbytes for tensor in tensors):  # damaged
        return loading.build(source)
    with file.open("rb", buffering=0) as stream:
        for tensor in tensors:
            _fill(tensor, stream)
    return loading.lowered(model, source).eval()


def _fill(tensor: Tensor, stream: io.RawIOBase) -> None:
    """One read gives 2 GiB at most. Raises `InputError` where the file ends before `tensor` is full."""
    left = memoryview(_bytes(tensor).data)
    while left:
        read = stream.readinto(left)
        if not read:
            raise InputError("a file of random weights ended too early; run `benchbench cache --clear`, then try again")
        left = left[read:]


def _file(source: ModelSource) -> Path:
    """Named after a hash of everything that the weights depend on; lowering changes how they are run, not them."""
    settings = loading.config(source).to_dict()
    versions = [benchbench.__version__, version("torch"), version("transformers")]
    text = json.dumps([settings, source.head, source.seed, versions], sort_keys=True, default=str)
    return caches.weights() / f"{source.name.replace('/', '--')}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


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
