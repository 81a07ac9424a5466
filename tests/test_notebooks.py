import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


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


@pytest.mark.parametrize(
    ("name", "shorter"),
    [
        ("quality", {"training": {"epochs": 0.1, "learning_rate": 1e-3, "batch_size": 32, "evaluations": 1}}),
        ("efficiency", {"budget_seconds": 4, "processes": 1, "idle_power": False}),
        ("report", None),
    ],
)
def test_each_notebook_runs_top_to_bottom(name, shorter, tmp_path):
    import papermill

    path = next(path for path in NOTEBOOKS if path.stem == name)
    injected = {} if shorter is None else {"parameters": {**defaults(path), **shorter}}
    executed = papermill.execute_notebook(path, tmp_path / "out.ipynb", injected, progress_bar=False, cwd=path.parent)
    shown = [
        cell["outputs"] for cell in executed["cells"] if cell["cell_type"] == "code" and "tags" not in cell["metadata"]
    ]
    assert all(shown), "a cell of a notebook shows something a reader wants to see"
