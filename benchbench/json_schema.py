"""jsonschema, with which altair and nbformat check what they write, in a fifth of the time that it takes to import."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

_GRAMMAR_OF_IRIS = "rfc3987_syntax"
"""JupyterLab brings it, and jsonschema builds it for a second. No schema here asks for an IRI."""


def load() -> None:
    """Import jsonschema without its check of IRIs, where it is not imported yet. Call it before what imports it."""
    modules: dict[str, Any] = sys.modules
    if "jsonschema" in modules or _GRAMMAR_OF_IRIS in modules:
        return
    modules[_GRAMMAR_OF_IRIS] = None  # says to Python that there is none
    try:
        import_module("jsonschema")
    finally:
        del modules[_GRAMMAR_OF_IRIS]
