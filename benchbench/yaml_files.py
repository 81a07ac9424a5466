"""YAML that people write, read into a pydantic schema; what is wrong with it is one line that names file and line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from benchbench.errors import InputError, one_line

Schema = TypeVar("Schema")

_MAX_BYTES = 1_000_000  # nothing that a person writes is this long; a file that is was not meant as one
_MERGE = "<<"
_WRONG_SHAPE = frozenset({"model_type", "dataclass_type", "dict_type", "tuple_type", "list_type"})


def read(path: Path, schema: TypeAdapter[Schema], shape: str) -> Schema:
    """The file at `path`; as for `parse`."""
    return parse(text(path), str(path), schema, shape)


def text(path: Path) -> str:
    """The text of the file at `path`. Raises `InputError`, with the line where it is not UTF-8."""
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {str(path)[:300]!r}: {getattr(error, 'strerror', error)}") from error
    if len(content) > _MAX_BYTES:
        raise InputError(f"{path}: {len(content)} bytes are too many to be written by hand; is this the right file?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{path}, line {line}: not UTF-8; save the file as UTF-8") from error


def parse(
    text: str, where: str, schema: TypeAdapter[Schema], shape: str, context: Mapping[str, object] | None = None
) -> Schema:
    """What YAML `text` holds, checked by `schema`. `shape`: what the whole must look like, for who wrote another thing.

    Raises `InputError`, one line that names `where`, the line there and the key. An error of a validator may say in
    its context, as `below`, at which keys below its own location it is.
    """
    content = _content(text, where)
    try:
        return schema.validate_python(content, context=dict(context or {}))
    except ValidationError as error:
        location, message = _first(error, schema)
        line = f"{where}, line {_line(text, location)}"
        if not location and error.errors()[0]["type"] in _WRONG_SHAPE:
            raise InputError(f"{line}: {shape}") from error
        raise InputError(f"{line}: {message}") from error


def validated(content: object, where: str, schema: TypeAdapter[Schema]) -> Schema:
    """Values that stand in no file, checked by `schema`. Raises `InputError`, one line with `where` and the key."""
    try:
        return schema.validate_python(content)
    except ValidationError as error:
        raise InputError(f"{where}: {_first(error, schema)[1]}") from error


def located(text: str, where: str, key: str, value: object) -> str:
    """'FILE, line N: ' of the place in YAML `text` where `key` has `value`, or a list with it; 'FILE: ' without one."""
    nodes = [yaml.compose(text, Loader=yaml.SafeLoader)]
    for node in nodes:
        if isinstance(node, yaml.SequenceNode):
            nodes += node.value
        elif isinstance(node, yaml.MappingNode):
            for name, held in node.value:
                found = held.value if isinstance(held, yaml.SequenceNode) else [held]
                if name.value == key and any(one.value == str(value) for one in found):
                    return f"{where}, line {held.start_mark.line + 1}: "
                nodes.append(held)
    return f"{where}: "


def _content(text: str, where: str) -> object:
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{where}, line {line}: not valid YAML: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{where}: not valid YAML: {one_line(error)}") from error


def _first(error: ValidationError, schema: TypeAdapter[Any]) -> tuple[tuple[Any, ...], str]:
    """Where the first thing that is wrong stands, and 'key: message'."""
    first = error.errors()[0]
    context = first.get("ctx", {})
    location = (*first["loc"], *context.get("below", ()))
    key = ".".join(str(part) for part in location) or "the file"
    message = " ".join(first["msg"].removeprefix("Value error, ").split())
    if context.keys() & _BOUNDS.keys():
        bounds = context | _reached(dict(schema.core_schema), first["loc"])
        words = " and ".join(f"{word} {bounds[bound]}" for bound, word in _BOUNDS.items() if bound in bounds)
        message = f"must be {words}, not {one_line(first['input'], 50)}"
    return location, f"{' '.join(key.split())[:200]}: {message[:300]}"


_BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}


def _reached(schema: dict[str, Any], location: Iterable[Any]) -> dict[str, Any]:
    """What pydantic's core schema says about the value at `location`; nothing where it does not tell."""
    definitions = {each["ref"]: each for each in schema.get("definitions", ())}

    def inside(node: dict[str, Any]) -> dict[str, Any]:
        while node["type"] == "definition-ref" or ("schema" in node and node["type"] != "tagged-union"):
            node = definitions.get(node.get("schema_ref", ""), node.get("schema", {"type": "unknown"}))
        return node

    node = inside(schema)
    for part in location:
        if node["type"] == "model-fields":
            node = node["fields"].get(part, {}).get("schema", {"type": "unknown"})
        elif node["type"] == "tuple":
            node = node["items_schema"][node["variadic_item_index"] or 0]
        else:
            node = node.get("values_schema") or node.get("items_schema") or {"type": "unknown"}
        node = inside(node)
    return node


def _line(text: str, location: Iterable[Any]) -> int:
    """The line (from 1) of the deepest node on the way to `location`."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line = node.start_mark.line if node else 0
    for part in location:
        if isinstance(node, yaml.MappingNode) and (pair := _pair(node, part)):
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
        else:
            break
    return line + 1


def _pair(mapping: yaml.MappingNode, key: object) -> tuple[yaml.Node, yaml.Node] | None:
    """The nodes of `key` and its value, in the mapping itself or in one that it takes over ('<<')."""
    for name, value in mapping.value:
        if name.value == str(key):
            return name, value
    merged = [value for name, value in mapping.value if name.value == _MERGE]
    nodes = [node for value in merged for node in (value.value if isinstance(value, yaml.SequenceNode) else [value])]
    return next((found for node in nodes if isinstance(node, yaml.MappingNode) and (found := _pair(node, key))), None)
