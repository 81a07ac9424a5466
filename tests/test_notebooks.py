import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import browser
import example_runs
import pytest

from benchbench.execution.papermill_run import execute
from benchbench.execution.redaction import redaction
from benchbench.records import Failure
from benchbench.report.pages import notebook_pages

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def cells(path: Path, kind: str = "code"):
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == kind]


def defaults(path: Path):
    """What the parameters cell says as it stands."""
    (cell,) = (cell for cell in cells(path) if "parameters" in cell["metadata"].get("tags", ()))
    names = {}
    exec("".join(cell["source"]), names)
    return names["parameters"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_are_committed_without_outputs(path):
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells(path))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_begins_with_its_question_and_has_one_parameters_cell(path):
    assert "?" in "".join(cells(path, "markdown")[0]["source"])
    assert sum("parameters" in cell["metadata"].get("tags", ()) for cell in cells(path)) == 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_are_thin(path):
    for cell in cells(path):
        source = "".join(cell["source"])
        assert not any(word in source for word in ("for ", "while ", "def ", "open("))
        assert len(source.splitlines()) <= 20


SHORTER = {
    "quality": {"training": {"epochs": 0.1, "learning_rate": 1e-3, "batch_size": 32, "evaluations": 1}},
    "efficiency": {"target": "onnxruntime-cpu", "budget_seconds": 2, "processes": 1, "idle_power": False},
    "report": {},
}


@pytest.fixture(scope="module", params=SHORTER)
def executed(request, tmp_path_factory):
    """A run folder with the notebook executed top to bottom, as a run executes it, and what it found."""
    folder = tmp_path_factory.mktemp(request.param) / "run"
    record = replace(example_runs.absent_record("none", "not looked for"), cell=request.param)
    run = example_runs.write_run(folder, [record])
    notebook = next(path for path in NOTEBOOKS if path.stem == request.param)
    output = run.notebook_path(request.param)
    parameters = SHORTER[request.param]
    if request.param == "report":
        parameters = {"run": str(example_runs.write_run(tmp_path_factory.mktemp("looked-at") / "run").folder)}
    else:
        parameters = {"parameters": {**defaults(notebook), **parameters}}
    found = execute(notebook, output, parameters, redact=redaction((), folder))
    return run, output, found


def test_each_step_shows_something_and_no_library_speaks_in_between(executed):
    _, output, _ = executed
    steps = [step for step in cells(output) if not step["metadata"].get("tags")]
    assert steps
    assert all(step["outputs"] for step in steps)
    kinds = [one["output_type"] for step in steps for one in step["outputs"]]
    assert set(kinds) == {"execute_result"}


def test_all_that_a_study_finds_comes_back(executed):
    _, output, found = executed
    if output.stem == "report":
        assert isinstance(found, Failure), "it looks at a run and finds nothing new"
        return
    wanted = {"quality": {"accuracy", "train_time"}, "efficiency": {"flops", "latency_p50", "peak_memory", "gemm_peak"}}
    quantities = [m.quantity for m in found.measurements]
    assert wanted[output.stem] <= set(quantities)
    assert len(set(found.measurements)) == len(found.measurements)
    assert bool(found.facts.training) == (output.stem == "quality")


@browser.needs_browser
def test_its_page_has_headings_tables_and_fits_a_phone(executed):
    run, output, _ = executed
    pages = notebook_pages.render(run)
    headings = [
        line.lstrip("# ")
        for cell in cells(output, "markdown")
        for line in "".join(cell["source"]).splitlines()
        if line.startswith("#")
    ]
    with browser.launched() as chromium:
        page = browser.opened(chromium, run.folder / "report" / pages[output.stem], width=360)
        assert page.locator("h1, h2, h3").all_inner_texts()[: len(headings)] == headings
        assert page.locator("thead th").count() >= 5
        assert "&lt;" not in page.content().replace("&lt;environment&gt;", "")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.complaints == []


def test_a_wheel_has_the_notebooks_and_finds_them(tmp_path):
    pytest.importorskip("setuptools")
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in ("benchbench", "notebooks"):
        shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", tmp_path, source], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    ask = "from benchbench.execution import papermill_run; print(papermill_run.folder())"
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    told = subprocess.run(
        [sys.executable, "-c", ask], check=True, cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    folder = Path(told.stdout.strip())
    assert folder.is_relative_to(installed)
    assert {path.stem for path in folder.glob("*.ipynb")} == set(SHORTER)
