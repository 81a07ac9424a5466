"""What happens when a cell fails, the disk is full, the clock is set back or someone presses Ctrl-C."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import light_run
import pytest

from benchbench.errors import InputError
from benchbench.execution import runner
from benchbench.execution.bench import bench
from benchbench.report.writing import write_report, write_without_report
from benchbench.runs import checksums
from benchbench.runs.verification import problems

ONE_GIB = 2**30


FAULTS = {  # what a cell does; of which kind that failure is, and what its reason says
    "hangs": ("import time; time.sleep(60)", "time limit", "longer than its limit of 6 s"),
    "dies": ("import os; os.kill(os.getpid(), 9)", "kernel died", "the kernel died"),
    "is out of memory": (
        f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({ONE_GIB}, {ONE_GIB})); bytes({4 * ONE_GIB})",
        "error",
        "MemoryError",
    ),
    "finds no number": (
        "from benchbench.records import *; Measurement(Subject(), 'accuracy', float('nan'), Basis.MEASURED)",
        "error",
        "not a finite number",
    ),
    "raises odd text": (
        "raise ValueError('\\ud800 half a pair')",
        "error",
        "a step failed with an error that is no text",
    ),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """A run with a cell for each fault, by its seed, and two healthy ones after them."""
    seeds = range(len(FAULTS) + 2)
    suite = light_run.QUALITY_CELLS.replace(", sst2-synthetic", "").replace("[0, 1]", str(list(seeds)))
    branches = "".join(f"if seed == {seed}:\n    {fault}\n" for seed, (fault, *_) in enumerate(FAULTS.values()))
    out = tmp_path_factory.mktemp("broken") / "run"
    prepared = light_run.preparation(out, branches + light_run.QUALITY, time_limit_seconds=6, text=suite)
    run, _ = bench(prepared, light_run.Silent(), write_without_report)
    return run


@pytest.mark.parametrize("seed", range(len(FAULTS)), ids=FAULTS)
def test_a_cell_that_fails_says_why_and_keeps_its_notebook(broken, seed):
    (failed,) = (record for record in broken.failures if record.parameters["seed"] == seed)
    _, kind, reason = list(FAULTS.values())[seed]
    assert failed.failure.kind == kind
    assert reason in failed.failure.reason
    assert broken.notebook_path(failed.cell).is_file()


def test_the_others_go_on_and_the_run_is_whole(broken):
    assert len(broken.failures) == len(FAULTS)
    assert set(broken.measurements["seed"]) == {len(FAULTS), len(FAULTS) + 1}
    assert problems(broken.folder) == ()


def test_a_full_disk_is_one_line_and_finished_cells_are_kept(tmp_path):
    out = tmp_path / "run"
    loud = "if task == 'sst2-synthetic':\n    print('x' * 200_000)\n" + light_run.QUALITY

    def run():
        return bench(light_run.preparation(out, loud, text=light_run.SMALL), light_run.Silent(), write_without_report)

    with files_no_larger_than(100_000), pytest.raises(InputError, match=r"cannot write .*; make room"):
        run()
    kept = {path.name: path.read_bytes() for path in (out / "records").glob("*.json")}
    assert len(kept) == 2  # all that ended before the disk was full
    _, failures = run()
    assert not failures
    assert kept.items() < {path.name: path.read_bytes() for path in (out / "records").glob("*.json")}.items()
    assert problems(out) == ()


@contextmanager
def files_no_larger_than(most_bytes):
    """Files that would grow beyond a limit fail as they do on a disk without room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_clock_that_is_set_back_loses_and_doubles_nothing(tmp_path, monkeypatch):
    times = iter(datetime(2030 - year, 1, 1, tzinfo=UTC) for year in range(100))

    class Backwards(datetime):
        @classmethod
        def now(cls, tz=None):
            return next(times)

    monkeypatch.setattr(runner, "datetime", Backwards)

    def run():
        prepared = light_run.preparation(tmp_path / "run", text=light_run.SMALL)
        return bench(prepared, light_run.Silent(), write_without_report)

    (first, failures), (again, _) = run(), run()
    assert not failures
    assert all(record.started > record.finished for record in first.records)
    assert len(first.records) == 3
    assert again.records == first.records
    assert problems(first.folder) == ()


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


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A whole run with its report."""
    out = tmp_path_factory.mktemp("finished") / "run"
    run, failures = bench(light_run.preparation(out, text=light_run.SMALL), light_run.Silent(), write_report)
    assert not failures
    return run.folder


@pytest.fixture
def copy(finished, tmp_path):
    """A copy of it to do harm to."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


def test_a_flipped_bit_in_any_file_is_found_and_the_file_named(copy):
    files = sorted(path for path in copy.rglob("*") if path.is_file())
    assert len(files) > 12
    for path in files:
        content = path.read_bytes()
        for position in {0, len(content) // 2, len(content) - 1}:
            changed = bytearray(content)
            changed[position] ^= 1
            path.write_bytes(changed)
            found = problems(copy)
            assert found, f"{path}, byte {position}"
            assert all(str(path) in line for line in found), found
        path.write_bytes(content)
    assert problems(copy) == ()


def test_what_is_missing_or_extra_is_named(copy):
    notebook, extra = next((copy / "notebooks").iterdir()), copy / "report" / "more.html"
    notebook.unlink()
    extra.write_text("more")
    found = problems(copy)
    assert any(str(notebook) in line and "missing" in line for line in found)
    assert any(str(extra) in line and "extra" in line for line in found)


def test_a_table_that_does_not_follow_from_its_records_is_found(copy):
    table = copy / "measurements.csv"
    table.write_text(table.read_text().replace("accuracy", "f1"))
    checksums.write(copy)
    assert problems(copy) == (f"{table} is not what the records give; write it again with: benchbench report {copy}",)
