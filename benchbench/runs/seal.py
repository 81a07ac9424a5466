"""JSON files that carry the SHA-256 of their own content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

KEY = "sha256"


def sealed(content: Mapping[str, object]) -> str:
    """`content` as JSON text with its hash as the last key. Raises `ValueError` for a number that is not finite."""
    return _text({**content, KEY: _digest(content)})


def opened(text: str) -> dict[str, Any]:
    """The content of a sealed text, without its hash.

    Raises `ValueError` when `text` is no sealed JSON object, and `BrokenSeal` when it does not match its hash.
    """
    try:
        content = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(content, dict) or KEY not in content:
        raise ValueError("not an object with a hash")
    digest = content.pop(KEY)
    if digest != _digest(content):
        raise BrokenSeal("it does not match its hash")
    return content


class BrokenSeal(ValueError):
    """The content is not what was sealed."""


def is_as_written(text: str) -> bool:
    """Whether `text`, a JSON object, is what `sealed` writes, to the byte: a changed space keeps the hash."""
    return text == _text(json.loads(text))


def _text(content: Mapping[str, object]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _digest(content: Mapping[str, object]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # A lone surrogate has no UTF-8; as an escape it is what JSON itself would write.
    return hashlib.sha256(canonical.encode(errors="backslashreplace")).hexdigest()
