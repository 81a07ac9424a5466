"""A fine-tuned model stays in the run folder where that is asked for, whole and usable; else nothing large does."""

import signal

import light_run
import pytest
from command_line import benchbench

from benchbench.execution.bench import Request, bench, prepare
from benchbench.report.writing import write_without_report
from benchbench.runs import checksums
from benchbench.runs.folder import Layout
from benchbench.runs.verification import problems
from benchbench.runs.writer import RunWriter
from benchbench.studies.quality import study as quality
from benchbench.studies.quality import teachers
from benchbench.suites.schema import Distillation
from benchbench.suites.selection import Selection
from benchbench.tasks.registry import find

SUITE = """\
name: kept
title: A model that is kept
quality:
  - models: [bert-tiny]
    tasks: [rte-synthetic]
    weights: random
    data: synthetic
    training: {epochs: 1, examples: 64, evaluations: 0, learning_rate: 1.0e-3, max_length: 48}
"""
TRAINED = {"model": "bert-tiny", "task": "rte-synthetic", "weights": "random", "data": "synthetic"}


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """What ran with the option and with it once more; and the run."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / "kept.yaml").write_text(SUITE)
    times = []
    for _ in range(2):
        request = Request(str(folder / "kept.yaml"), Selection(), folder / "run", keep_models=True)
        began = cells_run(request)
        times.append((began, sorted(p.name for p in (folder / "run").rglob("*.safetensors"))))
    return times, Layout(folder / "run"), prepare(request).cells[0].id


def cells_run(request):
    began = []

    def listen(event):
        if type(event).__name__ == "CellStarted":
            began.append(event.cell.id)

    run, failures = bench(prepare(request), listen, write_without_report)
    assert not failures, failures
    assert problems(run.folder) == ()
    return began


def test_a_cell_whose_model_is_kept_is_not_run_again(ran):
    times, _, cell = ran
    assert times == [([cell], ["model.safetensors"]), ([], ["model.safetensors"])]


def test_a_kept_model_is_in_the_checksums_and_no_part_of_one_is_left(ran):
    _, run, cell = ran
    listed = checksums.read(run.folder)
    assert {f"models/{cell}/{name}" for name in ("model.safetensors", "config.json", "tokenizer.json")} <= set(listed)
    assert list(run.folder.rglob(".*")) == []


def test_a_kept_model_scores_as_it_did(ran):
    _, run, cell = ran
    place = f"local:{run.model_path(cell)}"
    given = {**TRAINED, "weights": place, "training": "none", "max_length": 48}
    again = [m for m in quality.evaluate(quality.load(**given)).measurements if m.ci_low is not None]
    record = run.record(cell)
    before = {m.quantity: (m.value, m.ci_low, m.ci_high) for m in record.findings.measurements if m.ci_low is not None}
    assert {m.quantity: (m.value, m.ci_low, m.ci_high) for m in again} == before
    teachers.check(find("rte-synthetic"), Distillation(teacher=place))


def test_models_are_not_kept_on_a_cluster(capsys):
    assert benchbench("run", "quick", "--keep-models", "--executor", "ray", "--dry-run") == 2
    assert "leave out --keep-models or --executor ray" in capsys.readouterr().err


def test_a_kernel_that_is_killed_leaves_nothing_of_its_scratch_folder(tmp_path):
    body = (
        "import os\nfrom benchbench.runs import cell_folders\n"
        "if task == 'rte-synthetic':\n"
        "    (cell_folders.here().scratch / 'large').write_bytes(bytes(1000))\n"
        f"    os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
    )
    prepared = light_run.preparation(tmp_path / "run", body + light_run.QUALITY, text=light_run.SMALL)
    run, (failed,) = bench(prepared, light_run.Silent(), write_without_report)
    assert failed.failure.kind == "kernel died"
    assert list(run.folder.rglob("*large*")) == []
    assert list(run.folder.rglob("*.part*")) == []


def test_what_a_killed_run_left_is_swept(tmp_path):
    run = RunWriter(tmp_path)
    for left in ("notebooks/.cell.part/deployment-x/model", "models/.cell.abc.part"):
        (tmp_path / left).mkdir(parents=True)
        (tmp_path / left / "model.safetensors").write_bytes(b"half")
    (tmp_path / "models" / "cell").mkdir()
    run.sweep()
    assert {path.name for path in tmp_path.rglob("*")} == {"notebooks", "models", "cell"}
