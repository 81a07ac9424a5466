"""Whether a network's encoder has the weights of its file: all of them, and none drawn at random."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from benchbench.errors import InputError

if TYPE_CHECKING:
    from torch import nn

_POOLER = "pooler"
_NOT_LEARNED = ("position_ids", "token_type_ids", "inv_freq", "masked_bias", "attn.bias", "._weight")
"""Ends of names in files that are buffers, or copies that an older library left."""
_OPTIONAL = ("embeddings.position_embeddings.weight",)  # DeBERTa's files may have it where its attention is relative


def check(where: str, model: nn.Module, info: Mapping[str, Any]) -> None:
    """Raise `InputError` for the first weight of the encoder that is missing, of another shape, or left unused.

    `info`: what `from_pretrained` says about loading. The head and the pooler may differ: they are trained anew.
    """
    prefix = f"{getattr(model, 'base_model_prefix', '')}."
    for key, held, wanted in sorted(info["mismatched_keys"]):
        if _of_encoder(key, prefix):
            raise InputError(
                f"{where}: {key} is {_shape(held)} in the file of weights and {_shape(wanted)} by config.json"
            )
    missing = [key for key in sorted(info["missing_keys"]) if _of_encoder(key, prefix)]
    if missing:
        raise InputError(f"{where} lacks {len(missing)} weights of the encoder, {missing[0]} for one")
    unused = _unused(model, prefix, info["unexpected_keys"])
    if unused:
        many = f"{len(unused)} weights of the encoder, {unused[0]} for one"
        raise InputError(f"{where}: the file of weights has {many}, that a model by config.json does not use")


def of_head(model: nn.Module, info: Mapping[str, Any]) -> list[str]:
    """The weights of the head that the file lacks, or has in another shape."""
    prefix = f"{getattr(model, 'base_model_prefix', '')}."
    keys = (*info["missing_keys"], *(key for key, *_ in info["mismatched_keys"]))
    return sorted(key for key in keys if not key.startswith(prefix))


def _of_encoder(key: str, prefix: str) -> bool:
    return key.startswith(prefix) and _POOLER not in key


def _unused(model: nn.Module, prefix: str, unexpected: Iterable[str]) -> list[str]:
    """Those that would belong to a part that the encoder has, under its prefix or, in a file of it alone, without."""
    parts = {name for name, _ in getattr(model, prefix[:-1], model).named_children() if name != _POOLER}
    return [
        key
        for key in sorted(unexpected)
        if key.removeprefix(prefix).partition(".")[0] in parts
        and _POOLER not in key
        and not key.endswith((*_NOT_LEARNED, *_OPTIONAL))
    ]


def _shape(sizes: Sequence[int]) -> str:
    return " × ".join(map(str, sizes)) or "a number"
