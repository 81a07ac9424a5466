"""What a newcomer's machine lacks is told in one line, before anything is downloaded."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = ("Makefile", "prerequisites.sh", "pyproject.toml", "constraints.txt")

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    return folder


def make_setup(checkout, *arguments, script="", **environment):
    """`make setup` with a `python3` of our own first in the path: `script` runs before the real one takes over."""
    programs = checkout / "programs"
    programs.mkdir()
    fake = programs / "python3"
    fake.write_text(f'#!/bin/sh\n{script}\nexec "{sys.executable}" "$@"\n')
    fake.chmod(0o755)
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["make", "setup", *arguments],
        check=False,
        cwd=checkout,
        env={**outside, "PATH": path, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("make:")]
    assert len(said) == 1, done.stderr
    return said[0]


def test_an_old_python_is_named_with_the_version_that_is_needed(checkout):
    said = make_setup(checkout, script="echo 3.10; exit 0")
    assert said == (
        "benchbench: python3 is Python 3.10, and 3.11 or newer is needed; if you have one: make bench PYTHON=python3.11"
    )
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.9"])
def test_so_is_an_older_one(checkout, version):
    assert f"is Python {version}," in make_setup(checkout, script=f"echo {version}; exit 0")


def test_a_python_without_venv_is_told_with_the_package_that_has_it(checkout):
    said = make_setup(checkout, script='case "$*" in *ensurepip*) exit 1;; esac')
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert said == (
        "benchbench: python3 cannot make environments: it has no venv; "
        f"on Debian and Ubuntu: apt install python{version}-venv"
    )


def test_a_python_that_is_not_there_is_told(checkout):
    said = make_setup(checkout, "PYTHON=python3.99")
    assert said.startswith("benchbench: no Python answers to python3.99; install Python 3.11 or newer")


def test_without_a_network_one_line_says_so_before_anything_is_downloaded(checkout):
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
    said = make_setup(checkout, **nowhere)
    assert said.startswith("benchbench: no package index answers: ERROR: ")
    assert "proxy (HTTPS_PROXY)" in said
    assert not (checkout / ".venv" / ".ready").exists()


def test_a_python_that_is_new_enough_passes():
    done = subprocess.run(["sh", "prerequisites.sh", "python", sys.executable], check=False, cwd=ROOT)
    assert done.returncode == 0


def test_a_fresh_clone_runs_pip_once_for_its_tests_and_not_again_for_a_run(checkout):
    def runs_of_pip(target):
        command = ["make", "--dry-run", target]
        said = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True).stdout
        return said.count("-m pip install")

    assert (runs_of_pip("test"), runs_of_pip("setup")) == (1, 1)
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").touch()
    for name in (".ready", ".ready-dev"):
        (checkout / ".venv" / name).touch()
    assert (runs_of_pip("test"), runs_of_pip("setup")) == (0, 0)
