import json
import sys

import nbformat
import pytest

from benchbench.execution.papermill_run import execute
from benchbench.execution.progress import Step
from benchbench.execution.redaction import redaction
from benchbench.places import weights
from benchbench.records import FailureKind

PARAMETERS = 'secret = "none"\nfail = ""\nseconds = 0'
BODY = """\
import os, signal, time, warnings
from benchbench.quantities import Basis
from benchbench.records import Findings, Measurement, Subject
from benchbench.studies.display import show
from tqdm.auto import tqdm
list(tqdm(range(9)))
warnings.warn("this will change", FutureWarning)
time.sleep(seconds)
if fail == "error":
    raise ValueError("no such thing in " + secret)
if fail == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
if fail == "early":
    raise SystemExit
show(Findings((Measurement(Subject(model="m", weights=secret), "accuracy", 0.5, Basis.MEASURED),)))
"""
AGAIN = """\
once = Findings((Measurement(Subject(model="other"), "f1", 0.25, Basis.MEASURED),))
from IPython.display import display
display(show(once))
show(once)
"""


@pytest.fixture
def notebook(tmp_path):
    parameters = nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    steps = [nbformat.v4.new_code_cell(source) for source in (BODY, AGAIN)]
    cells = [parameters, nbformat.v4.new_markdown_cell("# One\n\nMore."), *steps]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path = tmp_path / "small.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    return path


def run(notebook, places=(), **parameters):
    output = notebook.parent / "executed.ipynb"
    hide = redaction(places, notebook.parent / "run")
    return execute(notebook, output, parameters, redact=hide, time_limit_seconds=4), output


def test_findings_come_back_out_of_the_executed_notebook(notebook):
    findings, output = run(notebook)
    values = [(m.quantity, m.value) for m in findings.measurements]
    assert values == [("accuracy", 0.5), ("f1", 0.25)], "all steps in order, what is shown twice once"
    assert json.loads(output.read_text())["cells"][-1]["execution_count"] is not None


def test_an_executed_notebook_has_no_notices_of_libraries(notebook):
    _, output = run(notebook)
    outputs = [output for step in json.loads(output.read_text())["cells"] for output in step.get("outputs", ())]
    assert outputs
    assert not [output for output in outputs if output["output_type"] == "stream"]


def test_each_step_is_told_when_it_begins_and_ends(notebook, tmp_path):
    told = []
    execute(
        notebook,
        tmp_path / "executed.ipynb",
        {"fail": "error"},
        redact=redaction((), tmp_path / "run"),
        started=lambda step: told.append(("started", step)),
        ended=lambda step: told.append(("ended", step)),
    )
    first = Step(number=1, count=2, title="One")
    assert told == [("started", first), ("ended", first)], "the second is not reached"


def test_the_executed_notebook_tells_no_private_folder(notebook, tmp_path):
    private = str(tmp_path / "alice" / "models" / "minilm")
    _, output = run(notebook, places=[weights(f"local:{private}")], secret=f"local:{private}")
    text = output.read_text()
    assert private not in text
    assert "local:minilm" in text


def test_a_reason_that_is_cut_short_tells_no_half_of_a_private_folder(notebook, tmp_path):
    private = str(tmp_path / "alice" / "models" / "minilm")
    long = "x" * (500 - len(private)) + private
    failure, _ = run(notebook, places=[weights(f"local:{private}")], secret=long, fail="error")
    assert "alice" not in failure.reason
    assert failure.reason.endswith("xminilm")


@pytest.mark.parametrize(
    ("parameters", "kind", "reason"),
    [
        ({"fail": "error"}, FailureKind.ERROR, "ValueError: no such thing in none"),
        ({"fail": "early"}, FailureKind.ERROR, "ended before its last step"),
        ({"fail": "killed"}, FailureKind.KERNEL_DIED, "the kernel died"),
        ({"seconds": 60}, FailureKind.TIME_LIMIT, "longer than its limit of 4 s"),
    ],
)
def test_a_notebook_that_fails_says_why_in_one_line_and_is_kept(notebook, parameters, kind, reason):
    failure, output = run(notebook, **parameters)
    assert failure.kind == kind
    assert reason in failure.reason
    assert "\n" not in failure.reason
    assert output.exists()
    assert sorted(p.name for p in output.parent.iterdir()) == ["executed.ipynb", "small.ipynb"]


def test_a_parameter_is_a_value_and_never_code(notebook, tmp_path):
    target = tmp_path / "written"
    run(notebook, secret=f'"; open({str(target)!r}, "w").close(); x = "')
    assert not target.exists()


def test_the_kernel_is_this_interpreter_whatever_is_installed_under_its_name(notebook, tmp_path, monkeypatch):
    for folder in (tmp_path / "jupyter" / "kernels" / "python3", tmp_path / "data" / "kernels" / "python3"):
        folder.mkdir(parents=True)
        spec = {"argv": ["/bin/false", "{connection_file}"], "display_name": "another", "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    step = nbformat.read(notebook, 4)
    step.cells[2].source += f"\nimport sys\nprint(sys.executable == {sys.executable!r}, sys.flags.safe_path)"
    nbformat.write(step, notebook)
    _, output = run(notebook)
    printed = [
        line
        for cell in json.loads(output.read_text())["cells"]
        for out in cell.get("outputs", ())
        if out["output_type"] == "stream"
        for line in out["text"]
    ]
    assert "".join(printed).split() == ["True", "True"]


def test_kernels_leave_nothing_beside_the_notebook(notebook):
    run(notebook)
    assert sorted(path.name for path in notebook.parent.iterdir()) == ["executed.ipynb", "small.ipynb"]
