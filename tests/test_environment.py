"""The lists of dependencies agree: pyproject.toml says what, constraints.txt which version, environment.yml both."""

import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import yaml
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parent.parent
NAMED = {"torch", "transformers", "datasets", "codecarbon", "fvcore", "papermill", "jupyterlab"}
DEFAULT_EXTRAS = ("onnxruntime", "openvino", "loadgen", "dev")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.partition(";")[0]).lower()


def wanted() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    return {normal(name) for name in (*project["dependencies"], *(n for key in DEFAULT_EXTRAS for n in extras[key]))}


def constraints() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {normal(name): version for name, version in pairs}


def conda() -> dict[str, str]:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pip = next(item["pip"] for item in listed if isinstance(item, dict))
    pairs = (item.split("==") for item in pip if "==" in item)
    return {normal(name): version for name, version in pairs}


def test_the_packages_the_project_is_built_on_are_all_named():
    assert wanted() >= NAMED


def test_every_dependency_has_an_exact_version():
    assert wanted() <= constraints().keys()


def test_conda_installs_the_same_versions():
    versions = constraints()
    assert conda() == {name: versions[name] for name in wanted()}


def test_every_version_installs_on_the_lowest_python_that_the_project_takes():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lowest = project["requires-python"].removeprefix(">=") + ".0"
    pinned = constraints()
    needs = {
        f"{found.name} {found.version}": found.metadata["Requires-Python"]
        for found in distributions()
        if pinned.get(normal(found.name)) == found.version and found.metadata["Requires-Python"]
    }
    assert len(needs) > 100
    assert {what: need for what, need in needs.items() if not SpecifierSet(need).contains(lowest)} == {}
