"""Where something lies, on disk or on the hub: the one module that knows how such a place is written.

People write `random`, `hub`, `synthetic`, `local:DIR`, a file or folder as it is, a name in a catalogue, an id on the
hub. A schema parses that once (`Weights`, `Data`, `Teacher`, `TargetPlace`, `File`; models in `models.zoo`) into a
`Place`, which `written` writes in one of three forms: `in_full` for a kernel, `by_name` for a record, and by content
(`Contents`) for an identity.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, GetCoreSchemaHandler, SerializationInfo, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from benchbench.errors import InputError

LOCAL = "local:"
"""Begins a place, and what a record calls it, that is a folder of the user's own."""

FOLDER = "folder"
"""The key of a validation context that says in which folder relative files (`File`) lie."""

_FORM = "form of places"
_LONGEST = 4096
_YAML_AND_PYTHON = (".yaml", ".yml", ".py")
_BEGINNINGS = ("./", "../", "~")
_NAMED = "/./"
"""In a path that is written in full, a place's name is what stands behind this; without it, the last part."""

Form = Callable[["Place"], str]


class NotAPlace(InputError, ValueError):
    """A text that says no place, in one line."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder (`path`), or what has none: a word, a name in a catalogue, an id on the hub.

    `in_full`: as another process is told it; a path is absolute, after 'local:' where it was written so.
    """

    in_full: str

    @property
    def path(self) -> Path | None:
        rest = self.in_full.removeprefix(LOCAL)
        return Path(rest) if Path(rest).is_absolute() else None

    @property
    def name(self) -> str:
        """What a record calls it: never a path from its root on."""
        if self.path is None:
            return self.in_full
        return f"{LOCAL if self.in_full.startswith(LOCAL) else ''}{self._end or 'root'}"

    def below(self, name: str) -> Place:
        """What lies in this folder under `name`, called so after the folder's own name."""
        path = self.in_full.removeprefix(LOCAL)
        beginning, _, end = path.rpartition(_NAMED) if _NAMED in path else path.rpartition("/")
        return Place(f"{self.in_full.removesuffix(path)}{beginning}{_NAMED}{end}/{name}")

    def called(self, parts: int) -> Place:
        """The same place, called by the last `parts` parts of its path."""
        path = self.path
        if path is None or parts < 2:
            return self
        named = f"{path.parents[parts - 1]}{_NAMED}{'/'.join(path.parts[-parts:])}"
        return Place(f"{LOCAL if self.in_full.startswith(LOCAL) else ''}{named}")

    @property
    def sign(self) -> str:
        """What stands for its path in a text: its name alone."""
        return self.name.removeprefix(LOCAL)

    @property
    def _end(self) -> str:
        return self.in_full.rpartition(_NAMED)[2] if _NAMED in self.in_full else Path(self.in_full).name

    def __str__(self) -> str:
        return self.name

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        written = core_schema.plain_serializer_function_ser_schema(
            _write, info_arg=True, return_schema=core_schema.str_schema()
        )
        return core_schema.no_info_plain_validator_function(_place, serialization=written)


RANDOM, HUB, SYNTHETIC = Place("random"), Place("hub"), Place("synthetic")


def local(path: Path) -> Place:
    """The folder `path` as 'local:DIR'."""
    return _of_folder(str(path), LOCAL)


def bare(path: Path) -> Place:
    """The file or folder `path` as it is."""
    return _of_folder(str(path))


def weights(text: str) -> Place:
    """'random', 'hub' or 'local:DIR'. Raises `NotAPlace`."""
    return _word_or_folder("weights", text, (RANDOM, HUB))


def data(text: str) -> Place:
    """'hub', 'synthetic' or 'local:DIR'. Raises `NotAPlace`."""
    return _word_or_folder("data", text, (HUB, SYNTHETIC))


def model(text: str, known: Container[str]) -> Place:
    """A name among `known`, else a folder, else an id on the hub. Raises `NotAPlace`.

    A folder that has a name among `known` is called 'local:' and that, so that it is not taken for what is known.
    """
    if text in known:
        return Place(text)
    rest = _after_local(text) if text.startswith(LOCAL) else text
    if rest is text and not _is_path(text):
        return Place(_short(text))
    folder = _of_folder(rest)
    return _of_folder(rest, LOCAL) if folder.name in known else folder


def teacher(text: str, known: Container[str]) -> Place:
    """As for `model`; 'local:DIR' may also be a folder of teachers, one a task. Raises `NotAPlace`."""
    return _of_folder(_after_local(text), LOCAL) if text.startswith(LOCAL) else model(text, known)


def target(text: str) -> Place:
    """A YAML or Python file, else a name in the catalogue. Raises `NotAPlace`."""
    return _of_folder(text) if text.endswith(_YAML_AND_PYTHON) else Place(_short(text))


def told_apart(places: Iterable[Place]) -> Mapping[Place, Place]:
    """Those of `places` that lie apart under one name, each called by as much of its path as tells them apart.

    Raises `InputError` where that would be a folder that may tell whose it is: the root's, or one beside a home folder.
    """
    alike: dict[str, dict[Path, Place]] = {}
    for place in places:
        if place.path is not None:
            alike.setdefault(place.name, {})[place.path] = place
    return {
        place: place.called(parts)
        for name, those in alike.items()
        if len(those) > 1
        for place, parts in _parts(name, those)
    }


def _parts(name: str, those: Mapping[Path, Place]) -> Iterator[tuple[Place, int]]:
    shared = Path(os.path.commonpath(those))
    if shared in Path.home().parents:
        raise InputError(f"{' and '.join(map(str, those))} are both called {name} in a report; rename or link one")
    depths = {path: len(path.relative_to(shared).parts) for path in those}
    for most in range(2, max(depths.values()) + 1):
        parts = {path: min(most, depth) for path, depth in depths.items()}
        if len({path.parts[-count:] for path, count in parts.items()}) == len(those):
            break
    return ((those[path], count) for path, count in parts.items())


def absolute(text: str, folder: Path | None = None) -> Path:
    """`text` as an absolute path: below `folder` (None: the working one) where it is relative, `~` the home folder.

    A link keeps its own name, which may tell a format. Raises `NotAPlace`.
    """
    if not text or "\0" in text:
        raise NotAPlace(f"{text[:50]!r} is no path")
    path = Path(folder or Path.cwd(), os.path.expanduser(_short(text)))  # noqa: PTH111 - leaves an unknown ~user as it is
    if path.name in ("", ".."):
        return Path(os.path.realpath(path))
    return Path(os.path.realpath(path.parent), path.name)


def parsed(parse: Callable[[str], Place]) -> BeforeValidator:
    """Makes `Annotated[Place, …]` of one of the functions above. What is no text is left to `Place` to refuse."""
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


def _file(value: object, info: ValidationInfo) -> object:
    return _of_folder(value, folder=(info.context or {}).get(FOLDER)) if isinstance(value, str) else value


Weights = Annotated[Place, parsed(weights)]
Data = Annotated[Place, parsed(data)]
TargetPlace = Annotated[Place, parsed(target)]
File = Annotated[Place, BeforeValidator(_file)]


def written(model: BaseModel, form: Form) -> dict[str, Any]:
    """`model` as JSON values, each place in it as `form` has it: `in_full`, `by_name` or a `Contents`' `hash`.

    Raises what `form` raises.
    """
    return model.model_dump(mode="json", context={_FORM: {place: form(place) for place in places_in(model)}})


def in_full(place: Place) -> str:
    """What a kernel is told."""
    return place.in_full


def by_name(place: Place) -> str:
    """What a record holds: never a path."""
    return place.name


@dataclass(frozen=True)
class Contents:
    """What lies at places, each read once: moved files are the same, changed ones are not."""

    _seen: dict[Path, str] = field(default_factory=dict)

    def hash(self, place: Place) -> str:
        """SHA-256 of the file or folder; what has no path is itself. Raises `InputError` where it cannot be read."""
        return place.in_full if (path := place.path) is None else self.of(path)

    def of(self, path: Path) -> str:
        """The same for a path. A file's ending stands with it, because it may tell the format."""
        if path not in self._seen:
            self._seen[path] = _hash(path)
        return self._seen[path]


def places_in(value: object) -> Iterator[Place]:
    """Every place in a pydantic model, a mapping or a sequence, however deep."""
    if isinstance(value, Place):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from places_in(getattr(value, name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from places_in(item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from places_in(item)


def files(path: Path) -> Sequence[Path]:
    """The file `path`, or every file below the folder `path` in a fixed order. Empty where there is neither."""
    return [path] if is_file(path) else sorted(below for below in path.rglob("*") if below.is_file())


def is_file(name: str | os.PathLike[str]) -> bool:
    """True for an existing file, False for every other name: `pathlib` raises on one that is too long."""
    return os.path.isfile(name)  # noqa: PTH113


def is_folder(name: str | os.PathLike[str]) -> bool:
    """True for an existing folder, False for every other name."""
    return os.path.isdir(name)  # noqa: PTH112


def _hash(path: Path) -> str:
    if not is_file(path) and not is_folder(path):
        raise InputError(f"no file or folder {path}")
    digest = hashlib.sha256()
    try:
        for file in files(path):
            digest.update(os.fsencode(file.relative_to(path).as_posix()) + b"\0")
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    except OSError as error:
        raise InputError(f"cannot read {error.filename or path}: {error.strerror}") from error
    return f"sha256:{digest.hexdigest()}{path.suffix.lower() if is_file(path) else ''}"


def _place(value: object) -> Place:
    if isinstance(value, Place):
        return value
    if not isinstance(value, str):
        raise ValueError("a place is a text")
    return Place(_short(value))


def _write(place: Place, info: SerializationInfo) -> str:
    forms: Mapping[Place, str] = (info.context or {}).get(_FORM, {})
    return forms.get(place, place.in_full)


def _word_or_folder(kind: str, text: str, words: Sequence[Place]) -> Place:
    if text.startswith(LOCAL):
        return _of_folder(_after_local(text), LOCAL)
    if (place := Place(text)) in words:
        return place
    raise NotAPlace(f"unknown {kind} {text[:100]!r}: use {', '.join(word.in_full for word in words)} or {LOCAL}DIR")


def _of_folder(text: str, before: str = "", *, folder: Path | None = None) -> Place:
    """The file or folder at the path `text`, with the name that a path written in full gives it."""
    place = Place(f"{before}{absolute(text, folder)}")
    name = text.rpartition(_NAMED)[2] if _NAMED in text and Path(text).is_absolute() else ""
    return place.called(len(Path(name).parts))


def _is_path(text: str) -> bool:
    """A path says so by how it begins or by more parts than an id on the hub has; else a folder that is there."""
    return (
        Path(text).is_absolute()
        or text.startswith(_BEGINNINGS)
        or text in (".", "..")
        or text.count("/") > 1
        or is_folder(text)
    )


def _after_local(text: str) -> str:
    folder = text.removeprefix(LOCAL)
    if not folder:
        raise NotAPlace(f"{LOCAL} needs a folder, as in {LOCAL}DIR")
    return folder


def _short(text: str) -> str:
    if not 0 < len(text) <= _LONGEST:
        raise NotAPlace(f"a name or path has 1 to {_LONGEST} characters, not {len(text)}")
    return text
