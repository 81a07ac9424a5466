"""The folders of the package are its architecture: which room may import which, and how full a folder gets."""

import ast
import subprocess
import sys
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "benchbench"
MODULES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in ROOT.rglob("*.py")
}
VOCABULARY = {"quantities", "machine"}  # and the single files at the top: what every room may import
ROOMS = sorted({path.parent.name for path in ROOT.glob("*/__init__.py")} - VOCABULARY)

# Beside itself and the vocabulary, a room imports what stands here and nothing else.
MAY_IMPORT = {
    "cli": {*ROOMS},
    "execution": {"studies", "suites", "targets", "tasks", "models", "runs", "report"},  # the report ends a run
    "studies": {"suites", "targets", "tasks", "models", "meters", "runs", "scoring"},
    "suites": {"tasks", "models"},
    "targets": {"models"},
    "tasks": {"models", "runs", "scoring"},
    "models": set(),
    "meters": set(),
    "scoring": set(),
    "exports": {"report", "runs", "tasks"},
    "report": {"runs", "tasks", "scoring"},
    "runs": {"scoring"},
}
SAME_NAME = {"study.py": "what a notebook calls, once for each of the two studies"}
MOST_FILES = 12


def imported(path: Path) -> set[str]:
    """The modules of the package that a file imports, inside functions and for types too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{path}: a relative import"
            found |= {name if name in MODULES else node.module for name in _members(node)}
    return {name for name in found if name.partition(".")[0] == "benchbench"}


def _members(node: ast.ImportFrom) -> set[str]:
    return {f"{node.module}.{alias.name}" for alias in node.names}


def room_of(module: str) -> str | None:
    """None for the vocabulary."""
    return next((part for part in module.split(".")[1:2] if part in ROOMS), None)


def test_every_room_has_its_rule():
    assert sorted(MAY_IMPORT) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may(room):
    files = {name: path for name, path in MODULES.items() if room_of(name) == room}
    rooms = {name: {room_of(other) for other in imported(path)} - {None, room} for name, path in files.items()}
    assert {name: found - MAY_IMPORT[room] for name, found in rooms.items() if found - MAY_IMPORT[room]} == {}


def test_the_vocabulary_imports_no_room():
    words = {name: path for name, path in MODULES.items() if room_of(name) is None and name != "benchbench"}
    assert words
    assert {name for name, path in words.items() if any(room_of(other) for other in imported(path))} == set()


def test_no_module_imports_itself_by_a_detour():
    TopologicalSorter({name: imported(path) - {name} for name, path in MODULES.items()}).prepare()


def test_importing_the_package_is_light():
    heavy = ("torch", "transformers", "pandas", "numpy", "datasets", "pydantic")
    code = f"import sys, benchbench; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_run_is_planned_without_the_libraries_of_a_model():
    code = "import sys, benchbench.execution.bench; print('torch' in sys.modules or 'transformers' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_no_two_files_share_a_name_without_a_reason():
    names = Counter(path.name for path in MODULES.values() if path.name != "__init__.py")
    assert {name for name, times in names.items() if times > 1} == SAME_NAME.keys()


def test_no_folder_is_too_full_to_be_read_at_a_glance():
    files = Counter(path.parent.relative_to(ROOT).as_posix() for path in MODULES.values() if path.name != "__init__.py")
    assert {folder: count for folder, count in files.items() if count > MOST_FILES} == {}
