"""Where somebody's files lie stays with them: a run through kernels, one of which fails and says what it was told."""

from dataclasses import replace

import light_run
import pytest

from benchbench.execution.bench import Request, bench, prepare
from benchbench.execution.fingerprints import Fingerprints
from benchbench.execution.plan import plan
from benchbench.models.loading import build
from benchbench.models.source import ModelSource
from benchbench.report.writing import write_report
from benchbench.suites.selection import Selection
from benchbench.tasks import synthetic

SUITE = """\
name: private
title: Everything lies elsewhere
tasks:
  tickets: {path: HERE/tickets.csv, evaluation: HERE/dev.csv}
quality:
  - models: [squeezebert-tiny]
    tasks: [tickets]
    weights: random
    training: {distillation: {teacher: "local:HERE/teachers", labels: ["0", "1"]}}
efficiency:
  - {models: [HERE/student], targets: [HERE/mine.yaml], against: [HERE/other.yaml]}
"""
SAYS = """\
print(parameters)
raise ValueError(custom, training["distillation"])
"""
ROWS = "text,label\n" + "".join(f"message {n},{n % 2}\n" for n in range(9))


@pytest.fixture
def suite(tmp_path):
    home = tmp_path / "zaphod" / "files"
    home.mkdir(parents=True)
    for name in ("tickets.csv", "dev.csv"):
        (home / name).write_text(ROWS)
    (home / "mine.yaml").write_text("{name: mine, runtime: engine.py}")
    (home / "other.yaml").write_text("{name: other, runtime: torch-eager}")
    (home / "engine.py").write_text("class RUNTIME:\n    def unavailable(self, target): return __file__\n")
    for name in ("teachers/tickets", "student"):
        build(ModelSource("bert-tiny")).save_pretrained(home / name)
        synthetic.tokenizer().save_pretrained(home / name)
    path = home / "private.yaml"
    path.write_text(SUITE.replace("HERE/tickets.csv", "tickets.csv").replace("HERE", str(home)))
    return path


def prepared(suite, out, notebooks):
    preparation = prepare(Request(str(suite), Selection(), out))
    fingerprints = Fingerprints("a-machine", notebooks)
    return replace(preparation, fingerprints=fingerprints, cells=plan(preparation.suite, fingerprints))


def test_no_file_of_a_run_tells_where_its_places_lie(suite, tmp_path):
    notebooks = light_run.notebooks(tmp_path / "notebooks", SAYS)
    run, (failed,) = bench(prepared(suite, tmp_path / "run", notebooks), light_run.Silent(), write_report)
    assert "'tickets.csv'" in failed.failure.reason
    assert "'local:teachers'" in failed.failure.reason
    assert set(run.measurements["target"]) == {"mine.yaml"}
    told = [path for path in run.folder.rglob("*") if path.is_file() and b"zaphod" in path.read_bytes()]
    assert not told


def test_a_changed_runtime_of_a_targets_file_makes_its_cells_new(suite, tmp_path):
    notebooks = light_run.notebooks(tmp_path / "notebooks", SAYS)
    before = [cell.id for cell in prepared(suite, tmp_path / "run", notebooks).cells]
    engine = suite.parent / "engine.py"
    engine.write_text(engine.read_text() + "# faster\n")
    after = [cell.id for cell in prepared(suite, tmp_path / "run", notebooks).cells]
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False]


def test_a_changed_teacher_makes_its_cells_new(suite, tmp_path):
    notebooks = light_run.notebooks(tmp_path / "notebooks", SAYS)
    before = [cell.id for cell in prepared(suite, tmp_path / "run", notebooks).cells]
    build(ModelSource("bert-tiny", seed=1)).save_pretrained(suite.parent / "teachers" / "tickets")
    after = [cell.id for cell in prepared(suite, tmp_path / "run", notebooks).cells]
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, True]
