"""An exception that nobody foresaw is one line with its own exit code; the details are in the file that it names."""

import re
from pathlib import Path

import pytest

from benchbench.cli import main
from benchbench.cli.application import UNEXPECTED
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


def test_an_exception_without_a_message_is_its_name():
    assert one_line(RuntimeError()) == "RuntimeError"
    assert one_line(ValueError("first\n  second")) == "ValueError: first second"
    assert len(one_line("x" * 1000)) == 300
