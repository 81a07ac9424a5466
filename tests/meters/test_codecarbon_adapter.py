"""What the adapter takes from codecarbon without a promise: a version that lacks one of these names fails here."""

import ast
from pathlib import Path

import codecarbon.core.cpu
import pytest
from codecarbon.core.hardware_cache import get_cached_tdp
from codecarbon.external import hardware, ram

import benchbench
from benchbench.meters import codecarbon_adapter
from benchbench.meters.codecarbon_adapter import PRIVATE_NAMES, Tracker, grid

NAMES = [(owner, name) for owner, names in PRIVATE_NAMES.items() for name in names]


@pytest.fixture(scope="module")
def objects():
    tracker = Tracker(grid("USA"))
    tracker.start()
    tracker.stop()
    return {
        "OfflineEmissionsTracker": tracker._tracker,
        "CPU": hardware.CPU(output_dir="", mode="constant", model="", tdp=1),
        "TDP": get_cached_tdp(codecarbon.core.cpu),
    }


@pytest.mark.parametrize(("owner", "name"), NAMES)
def test_codecarbon_has_the_private_name(objects, owner, name):
    assert hasattr(objects[owner], name)


@pytest.mark.parametrize(("module", "name"), [(ram, "RAM"), (hardware, "GPU"), (hardware, "Raspberry")])
def test_codecarbon_has_the_class_that_is_known_by_its_name(module, name):
    assert getattr(module, name).__name__ == name


def test_the_names_of_modes_are_codecarbons():
    source = "".join(file.read_text() for file in Path(codecarbon.__file__).parent.rglob("*.py"))
    assert all(f'"{mode}"' in source for mode in (*codecarbon_adapter._METERS, *codecarbon_adapter._MODELS))


def test_every_private_name_that_the_adapter_uses_is_in_its_list():
    tree = ast.parse(Path(codecarbon_adapter.__file__).read_text())
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)} | {"_tracker"}
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    used |= {str(node.args[1].value) for node in (*_calls(tree, "getattr"), *_calls(tree, "hasattr"))}
    private = {name for name in used if name.startswith("_") and not name.startswith("__")} - own
    assert private == {name for _, name in NAMES if name.startswith("_")}


def _calls(tree, function):
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [node for node in calls if isinstance(node.func, ast.Name) and node.func.id == function]


def test_no_other_file_knows_codecarbon():
    package = Path(benchbench.__file__).parent
    texts = {file: file.read_text() for file in package.rglob("*.py")}
    importing = {file.name for file, text in texts.items() if "from codecarbon" in text or "import codecarbon" in text}
    assert importing == {"codecarbon_adapter.py"}
