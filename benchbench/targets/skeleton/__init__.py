"""A package with a runtime and a target of one's own, to start from: it works as written, and is then changed."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from benchbench.errors import InputError

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 40


def write(name: str, folder: Path) -> Path:
    """Write the package `name` into a new folder in `folder` and return that.

    Raises `InputError` for a name that a package cannot have, and where the folder exists or cannot be written.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise InputError(
            f"{name[:60]!r} cannot name a target: use small letters, digits and hyphens, at most {_LONGEST}"
        )
    made = folder / name
    words = {"{{name}}": name, "{{module}}": name.replace("-", "_"), "{{class}}": name.title().replace("-", "")}
    try:
        made.mkdir(parents=True)
    except FileExistsError:
        raise InputError(f"{made} exists already; give another name or another --folder") from None
    except OSError as error:
        raise InputError(f"cannot make {made}: {error.strerror}") from error
    for template in sorted(files("benchbench.targets.skeleton").iterdir(), key=lambda entry: entry.name):
        if template.name.endswith(".template"):
            target = made / _filled(template.name.removesuffix(".template"), words)
            target.write_text(_filled(template.read_text(encoding="utf-8"), words), encoding="utf-8")
    return made


def _filled(text: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(word, value)
    return text
