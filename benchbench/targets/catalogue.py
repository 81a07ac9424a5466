"""Finding targets and their runtimes: the shipped catalogue, a file of the user's, or an installed package.

A target is named by its name in the catalogue, or by a file: YAML with the keys of one catalogue entry, or Python that
defines `RUNTIME` (a class as in `benchbench.targets.protocol`) and `TARGET`. An installed package offers runtimes by
entry points in the group `benchbench.runtimes`; the targets in such a class's attribute `targets` join the catalogue.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from benchbench import places, yaml_files
from benchbench.errors import InputError, Unavailable, one_line, unknown
from benchbench.places import Place, is_file
from benchbench.targets.protocol import ImportsAhead, Precision, Reads, Runtime, Target

GROUP = "benchbench.runtimes"
_SHAPE = "a target's file is a mapping with the keys of one target, name and runtime at least"


class TargetRow(BaseModel):
    """One target as YAML says it; the fields are those of `Target`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._-]{0,60}$")]
    runtime: Annotated[str, Field(min_length=1)]
    device: str = "cpu"
    precision: Precision = "fp32"
    reads: Reads = "tokens"
    calibrated: bool = False
    threads: Annotated[int, Field(ge=1, le=4096)] | None = None
    options: Mapping[str, Any] = {}
    tdp_watts: Annotated[float, Field(gt=0, le=100_000)] | None = None
    tdp_source: str = ""
    country: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    description: str = ""
    resources: Mapping[str, Annotated[float, Field(gt=0)]] = {}

    def target(self) -> Target:
        return Target(**self.model_dump())


class Catalogue(BaseModel):
    """The shipped file: where each runtime's class is, and the targets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    runtimes: Mapping[str, str]
    targets: tuple[TargetRow, ...]


def find(where: Place | str) -> Target:
    """The target of that name, or in that YAML or Python file. Raises `InputError`."""
    place = places.target(where) if isinstance(where, str) else where
    if place.path is not None:
        return _from_python(place.path) if place.path.suffix == ".py" else _from_yaml(place.path)
    known = catalogue()
    if place.name not in known:
        raise unknown("target", place.name, known)
    return known[place.name]


def catalogue() -> Mapping[str, Target]:
    """Every target known by name: the shipped ones, then those of installed packages."""
    targets = {row.name: row.target() for row in _shipped().targets}
    for point in entry_points(group=GROUP):
        for target in _brought_by(point):
            targets.setdefault(target.name, target)
    return targets


def runtime_of(target: Target) -> Runtime:
    """The adapter that runs `target`. Raises `InputError`, `Unavailable` when its package does not import."""
    if target.runtime.endswith(".py"):
        return _instance(_module(Path(target.runtime)).RUNTIME)
    shipped = _shipped().runtimes
    if target.runtime in shipped:
        module, _, attribute = shipped[target.runtime].partition(":")
        return _instance(getattr(importlib.import_module(module), attribute))
    points = {point.name: point for point in entry_points(group=GROUP)}
    if target.runtime not in points:
        raise unknown("runtime", target.runtime, [*shipped, *points])
    return _instance(_load(points[target.runtime]))


def runtime_file(where: Place) -> Path | None:
    """The Python file that a target's file names as its runtime; None for every other target. Raises `InputError`."""
    if where.path is None or where.path.suffix == ".py":
        return None
    runtime = find(where).runtime
    return Path(runtime) if runtime.endswith(".py") else None


def availability(target: Target) -> str | None:
    """Why `target` cannot run here, in one sentence; None when it can. Never raises."""
    try:
        return runtime_of(target).unavailable(target)
    except InputError as error:
        return str(error)
    except Exception as error:  # a runtime from elsewhere may break in any way; the list must still be shown
        return f"asking runtime {target.runtime} failed: {one_line(error)}"


def imports(targets: Iterable[Target], *more: str) -> tuple[str, ...]:
    """Modules that may be imported once for all processes that load these `targets`, and `more` of them: none where one
    is on a device, whose libraries must be opened in the process that uses them.
    """
    of_all = list(targets)
    if any(target.device != "cpu" for target in of_all):
        return ()
    runtimes = [runtime_of(target) for target in of_all]
    loading = (name for each in runtimes if isinstance(each, ImportsAhead) for name in each.imports())
    return tuple(dict.fromkeys((*loading, *more)))


@cache
def _shipped() -> Catalogue:
    path = Path(str(files("benchbench.targets") / "catalogue.yaml"))
    return yaml_files.read(path, TypeAdapter(Catalogue), _SHAPE)


def _from_yaml(path: Path) -> Target:
    target = yaml_files.read(path, TypeAdapter(TargetRow), _SHAPE).target()
    if target.runtime.endswith(".py"):
        return replace(target, runtime=str(places.absolute(target.runtime, path.parent)))
    return target


def _from_python(path: Path) -> Target:
    module = _module(path)
    target = getattr(module, "TARGET", None)
    if not isinstance(target, Target) or not hasattr(module, "RUNTIME"):
        raise InputError(f"{path}: a target's Python file defines RUNTIME, a class, and TARGET, a Target")
    return replace(target, runtime=str(path))


def _module(path: Path) -> Any:
    """The Python file at `path`, run as a module of its own."""
    if not is_file(path):
        raise InputError(f"no file {path}; a target is a name (see: benchbench targets), a YAML or a Python file")
    spec = importlib.util.spec_from_file_location(f"benchbench_target_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # the file is the user's: any error in it is theirs to see
        raise InputError(f"{path} does not run: {one_line(error)}") from error
    return module


def _brought_by(point: EntryPoint) -> tuple[Target, ...]:
    """The targets of an installed runtime; one that does not import stands there under its own name, unavailable."""
    try:
        return tuple(getattr(_load(point), "targets", ()))
    except Unavailable:
        return (Target(name=point.name, runtime=point.name, description="a package that does not import"),)


def _load(point: EntryPoint) -> Any:
    try:
        return point.load()
    except Exception as error:  # an import may fail in any way
        raise Unavailable(f"runtime {point.name} ({point.value}) does not import: {error}") from error


def _instance(runtime: Callable[[], Runtime] | Runtime) -> Runtime:
    return runtime() if isinstance(runtime, type) else runtime  # type: ignore[return-value]
