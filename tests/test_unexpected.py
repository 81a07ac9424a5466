"""An exception that nobody foresaw is one line with its own exit code; the details are in the file that it names."""

import re
from pathlib import Path

import pytest

from benchbench.cli import main
from benchbench.cli.application import CELLS_FAILED, UNEXPECTED
from benchbench.errors import one_line


@pytest.fixture
def plant(monkeypatch, tmp_path):
    """Let `place` (a dotted name) raise `error`; what is logged lies in this test's folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def planted(place, error):
        def fail(*_, **__):
            raise error

        monkeypatch.setattr(place, fail)

    return planted


def ends(*arguments):
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return end.value.code


@pytest.mark.parametrize("error", [KeyError("weights"), RuntimeError(), ZeroDivisionError("a\nb")], ids=type)
def test_it_is_one_line_that_names_a_file_with_the_traceback(plant, capsys, error):
    plant("benchbench.studies.flop_report.flop_report", error)
    assert ends("flops", "squeezebert") == UNEXPECTED
    (line,) = capsys.readouterr().err.splitlines()
    assert type(error).__name__ in line
    details = Path(re.search(r"details in (.+)$", line).group(1)).read_text()
    assert "Traceback" in details
    assert type(error).__name__ in details


def test_one_in_the_report_leaves_the_records_as_they_are(plant, capsys, tmp_path):
    import example_runs as example

    run = example.write_run(tmp_path / "run")
    before = [path.read_bytes() for path in sorted((run.folder / "records").iterdir())]
    plant("benchbench.report.pages.render.content", IndexError("list index out of range"))
    assert ends("report", run.folder) == UNEXPECTED
    assert "IndexError: list index out of range" in capsys.readouterr().err
    assert [path.read_bytes() for path in sorted((run.folder / "records").iterdir())] == before


SUITE = """\
name: odd
title: A table
tasks: {t: {path: t.csv}}
quality: [{models: [bert-tiny], tasks: [t], weights: random}]
"""
ENGINE = """\
from benchbench.targets.protocol import Target

class Odd:
    name = "odd"
    def unavailable(self, target): return None
    def fixed_shape(self): return {}["shape"]
    def reads_weights(self): return True

RUNTIME, TARGET = Odd, Target("odd", "odd")
"""


@pytest.fixture
def suite(tmp_path):
    (tmp_path / "t.csv").write_text("text,label\n" + "".join(f"word {n},{'ab'[n % 2]}\n" for n in range(20)))
    (tmp_path / "odd.yaml").write_text(SUITE)
    return tmp_path / "odd.yaml"


def the_line(capsys):
    """What is said on stderr, and the text of the file that it names."""
    (line,) = capsys.readouterr().err.splitlines()
    return line, Path(re.search(r"details in (.+)$", line).group(1)).read_text()


@pytest.mark.parametrize(
    "place",
    ["benchbench.models.loading.check", "benchbench.models.loading.check_tokenizer"],
)
def test_one_in_a_model_ends_a_run_before_anything_is_written(plant, capsys, suite, place):
    plant(place, AttributeError("'NoneType' object has no attribute 'shape'"))
    assert ends("run", suite, "--out", suite.parent / "out") == UNEXPECTED
    line, details = the_line(capsys)
    assert "AttributeError: 'NoneType' object has no attribute 'shape'" in line
    assert "Traceback" in details
    assert not (suite.parent / "out").exists()


def test_one_in_the_data_ends_a_run_before_anything_is_written(plant, capsys, suite):
    plant("benchbench.tasks.tables.reader", KeyError("text"))
    assert ends("run", suite, "--out", suite.parent / "out") == UNEXPECTED
    line, details = the_line(capsys)
    assert "KeyError: 'text'" in line
    assert "Traceback" in details
    assert not (suite.parent / "out").exists()


def test_one_in_an_engine_of_ones_own_is_told_with_its_file(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "odd.py").write_text(ENGINE)
    models = ("bert-tiny", "squeezebert-tiny")
    assert ends("speedup", *models, "--target", tmp_path / "odd.py", "--seconds", "1") == UNEXPECTED
    line, details = the_line(capsys)
    assert "KeyError: 'shape'" in line
    assert "odd.py" in details
    assert "in fixed_shape" in details


def test_one_in_a_cell_is_a_line_that_names_the_notebook_with_the_traceback(monkeypatch, capsys, suite):
    import light_run

    notebooks = light_run.notebooks(suite.parent / "notebooks", "def inner():\n    return {}['loss']\ninner()")
    monkeypatch.setattr("benchbench.execution.papermill_run.folder", lambda: notebooks)
    assert ends("run", suite, "--out", suite.parent / "out") == CELLS_FAILED
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err
    (line,) = (line for line in printed.out.splitlines() if line.startswith("failed: "))
    named = Path(re.search(r": KeyError: 'loss'; details in (.+)$", line).group(1))
    assert "inner()" in named.read_text()
    assert "Traceback" in named.read_text()


def test_an_exception_without_a_message_is_its_name():
    assert one_line(RuntimeError()) == "RuntimeError"
    assert one_line(ValueError("first\n  second")) == "ValueError: first second"
    assert len(one_line("x" * 1000)) == 300
