"""What a folder of weights must hold, seen from its files alone: nothing is loaded, and no network is asked."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from benchbench.errors import InputError, one_line
from benchbench.places import is_file, is_folder

_WEIGHT_FILES = ("model*.safetensors", "pytorch_model*.bin")
_VOCABULARIES = ("tokenizer.json", "vocab*", "*.model", "*.spm", "*.tiktoken")
_LFS_POINTER = b"version https://git-lfs"


def settings(folder: Path) -> Mapping[str, Any]:
    """What config.json says. Raises `InputError` for no folder, and for no such file of a model."""
    if not is_folder(folder):
        raise InputError(f"no folder {folder}: a model is one of `benchbench models`, a hub id or a folder")
    file = folder / "config.json"
    if not is_file(file):
        raise InputError(f"{folder} has no config.json; give a folder written by save_pretrained")
    _refuse_pointer(file)
    try:
        found = json.loads(file.read_text(encoding="utf-8"), parse_constant=_refuse, parse_float=_finite)
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{file} is not the JSON of a model: {one_line(error)}") from None
    if not isinstance(found, dict) or not isinstance(found.get("model_type"), str):
        raise InputError(f"{file} names no model_type; give a folder written by save_pretrained")
    return found


def check_weights(folder: Path) -> None:
    """Raise `InputError` where there are no files of weights, or one of them is a pointer or cut short."""
    files = [file for pattern in _WEIGHT_FILES for file in sorted(folder.glob(pattern))]
    if not files:
        raise InputError(f"{folder} holds no weights (model.safetensors or pytorch_model.bin)")
    for file in files:
        _refuse_pointer(file)
        if file.suffix == ".safetensors":
            _check_header(file)


def has_vocabulary(folder: Path) -> bool:
    """Whether there is a file that may hold a tokenizer's vocabulary."""
    return any(True for pattern in _VOCABULARIES for _ in folder.glob(pattern))


def _check_header(file: Path) -> None:
    """A header tells how long the file must be, so that one cut short is known without reading it."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, "np"):
            pass
    except (SafetensorError, OSError) as error:
        raise InputError(f"{file} is no whole safetensors file: {one_line(error)}; copy it again") from error


def _refuse_pointer(file: Path) -> None:
    try:
        with file.open("rb") as stream:
            beginning = stream.read(len(_LFS_POINTER))
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from error
    if beginning == _LFS_POINTER:
        raise InputError(f"{file} is a Git-LFS pointer, not the file itself; run `git lfs pull` there")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large a number")
    return number
