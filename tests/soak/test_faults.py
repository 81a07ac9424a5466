"""What befalls a cell, the disk, the clock or the person at the keyboard: each has one behaviour, shown here."""

import os
import resource
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import light_run
import pytest

from benchbench.execution import runner
from benchbench.execution.bench import bench
from benchbench.runs.verification import problems

LIGHT_RUN = light_run.__file__
ONE_GIB = 2**30


def failing(fault):
    """The quality notebook, with `fault` in the cell of task rte-synthetic and seed 0."""
    return f"if (task, seed) == ('rte-synthetic', 0):\n    {fault}\n{light_run.QUALITY}"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("import time; time.sleep(60)", "longer than its limit of 6 s"),
        ("import os; os.kill(os.getpid(), 9)", "the kernel died"),
        (
            f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({ONE_GIB}, {ONE_GIB})); bytes({4 * ONE_GIB})",
            "MemoryError",
        ),
        (
            "from benchbench.quantities import Basis; from benchbench.records import Measurement, Subject; "
            "Measurement(Subject(), 'accuracy', float('nan'), Basis.MEASURED)",
            "not a finite number",
        ),
        ("raise ValueError('\\ud800 half a pair')", "a step failed with an error that is no text"),
    ],
    ids=["hangs", "dies", "out of memory", "not a number", "odd text"],
)
def test_a_cell_that_fails_says_why_keeps_its_notebook_and_the_others_go_on(tmp_path, fault, reason):
    run, failures = bench(light_run.preparation(tmp_path / "run", failing(fault), 6), light_run.Silent())
    (failed,) = failures
    assert reason in failed.failure.reason
    assert run.notebook_path(failed.cell).is_file()
    assert [record.outcome for record in run.records].count("finished") == 4
    assert problems(run.folder) == ()


def test_a_full_disk_is_one_line_and_finished_cells_are_kept(tmp_path):
    out = tmp_path / "run"
    done = run_with_file_limit(out, 12_000)
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert "make room" in done.stderr
    assert "Traceback" not in done.stderr
    kept = {path.name: path.read_bytes() for path in (out / "records").glob("*.json")}
    assert light_run.main(out) == 0
    assert kept.items() <= {path.name: path.read_bytes() for path in (out / "records").glob("*.json")}.items()
    assert problems(out) == ()


def run_with_file_limit(out, most_bytes):
    """Files that would grow beyond a limit fail as they do on a disk without room."""
    return subprocess.run(
        [sys.executable, LIGHT_RUN, str(out)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes)),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_clock_that_is_set_back_loses_and_doubles_nothing(tmp_path, monkeypatch):
    times = iter(datetime(2030 - year, 1, 1, tzinfo=UTC).isoformat() for year in range(100))
    monkeypatch.setattr(runner, "_now", lambda: next(times))
    run, failures = bench(light_run.preparation(tmp_path / "run"), light_run.Silent())
    assert not failures
    before = {record.cell: record for record in run.records}
    again, _ = bench(light_run.preparation(tmp_path / "run"), light_run.Silent())
    assert {record.cell: record for record in again.records} == before
    assert problems(run.folder) == ()


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_ends_with_one_line_and_the_same_command_goes_on(tmp_path, times):
    out = tmp_path / "run"
    suite = tmp_path / "light.yaml"
    suite.write_text(light_run.SUITE)
    command = [sys.executable, "-m", "benchbench.cli", "run", str(suite), "--out", str(out)]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background inherits that it is ignored
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not list(out.glob("notebooks/.*")) and time.monotonic() < deadline:
        time.sleep(0.1)
    for _ in range(times):
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "finished cells are kept" in errors
    assert "Traceback" not in errors
    assert (out / "manifest.json").exists()


def test_a_flipped_bit_in_any_file_is_found_and_the_file_named(tmp_path):
    run, _ = bench(light_run.preparation(tmp_path / "run"), light_run.Silent())
    for path in sorted(p for p in run.folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        for position in {0, len(content) // 2, len(content) - 1}:
            changed = bytearray(content)
            changed[position] ^= 1
            path.write_bytes(changed)
            found = problems(run.folder)
            assert found, f"{path}, byte {position}"
            assert all(str(path) in line for line in found), found
        path.write_bytes(content)
    assert problems(run.folder) == ()


def test_what_is_missing_or_extra_is_named(tmp_path):
    run, _ = bench(light_run.preparation(tmp_path / "run"), light_run.Silent())
    notebook, extra = next((run.folder / "notebooks").iterdir()), run.folder / "report" / "more.html"
    notebook.unlink()
    extra.write_text("more")
    found = problems(run.folder)
    assert any(str(notebook) in line and "missing" in line for line in found)
    assert any(str(extra) in line and "extra" in line for line in found)


def test_a_table_that_does_not_follow_from_its_records_is_found(tmp_path):
    from benchbench.runs import checksums

    run, _ = bench(light_run.preparation(tmp_path / "run"), light_run.Silent())
    table = run.folder / "measurements.csv"
    table.write_text(table.read_text().replace("accuracy", "f1"))
    checksums.write(run.folder)
    assert problems(run.folder) == (
        f"{table} is not what the records give; write it again with: benchbench report {run.folder}",
    )
