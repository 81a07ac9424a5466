"""Kill a run at random moments, resume it each time, and compare what comes out with an undisturbed run.

python tests/soak/kills.py --kills 200 --folder /some/empty/folder [--suite FILE]

Without --suite the cells are those of `light_run`; with it, `benchbench run FILE` is what dies.
"""

import argparse
import multiprocessing
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pandas
import psutil

import benchbench
from benchbench.cli import main as command_line
from benchbench.runs.verification import problems

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
import light_run

FATES = ("runner", "kernel", "group", "interrupt", "power cut")
_NOT_REPEATABLE = ("_time", "_energy", "_emissions", "_throughput")


def soak(work: Callable[[Path], int], run: Path, kills: int, seed: int, longest_seconds: float) -> Counter[str]:
    """Start `work`, which writes `run`, and kill it `kills` times; then let it end. Returns how often each was done.

    Each fate comes in its turn, at a random moment. A run that ends before its time is checked and started again.
    """
    generator, done = random.Random(seed), Counter()
    while sum(done[fate] for fate in FATES) < kills:
        fate = min(FATES, key=lambda name: done[name])
        process = start(work, run)
        if fate == "kernel":
            _wait_for_kernel(process)
        process.join(generator.uniform(0, longest_seconds))
        if process.exitcode is None:
            done[fate if _strike(process, fate, run, generator) else "missed"] += 1
            continue
        assert process.exitcode in (0, 3), f"ended with code {process.exitcode}"
        if process.exitcode == 0:
            assert_whole(run)
            shutil.rmtree(run)
        done["ended before"] += 1
    end = start(work, run)
    end.join()
    assert end.exitcode == 0, f"the last run ended with code {end.exitcode}"
    assert_whole(run)
    return done


def assert_whole(run: Path) -> None:
    found = problems(run)
    assert not found, found
    left = [path for path in run.rglob(".*") if path.is_file()]
    assert not left, left


def repeatable(run: Path) -> pandas.DataFrame:
    """The rows that must be the same in every run: quality, and what is counted."""
    table = benchbench.load(run)
    metrics = (table["study"] == "quality") & ~table["quantity"].str.endswith(_NOT_REPEATABLE)
    kept = table[metrics | (table["basis"] == "counted")]
    return kept.drop(columns="run").reset_index(drop=True)


def start(work: Callable[[Path], int], run: Path) -> BaseProcess:
    """A process, with a group of its own, that has begun to do `work`.

    It is forked from one that has imported what a run imports: nothing is written before that, so that nothing is lost
    to a kill then.
    """
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(["benchbench.execution.bench", "benchbench.report.writing"])
    here, there = forking.Pipe(duplex=False)
    process = forking.Process(target=_work, args=(work, run, there))
    process.start()
    here.recv()
    return process


def _work(work: Callable[[Path], int], run: Path, begun: Connection) -> None:
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background inherits that it is ignored
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    begun.send(None)
    sys.exit(work(run))


def _strike(process: BaseProcess, fate: str, run: Path, generator: random.Random) -> bool:
    """Do `fate` to the run, and wait until none of its processes lives. False where there was no kernel to kill."""
    family = psutil.Process(process.pid).children(recursive=True)
    if fate == "kernel":
        kernels = [child for child in family if _is_kernel(child)]  # none: between two cells, or in the report
        for kernel in kernels:
            kernel.kill()
        if kernels:  # the runner notices and runs the next cell; later it dies too
            time.sleep(generator.uniform(0, 1.5))
        process.kill()
    elif fate == "group":
        os.killpg(process.pid, signal.SIGKILL)
    elif fate == "interrupt":
        os.kill(process.pid, signal.SIGINT)
    else:
        process.kill()
    process.join()
    for child in psutil.wait_procs(family, timeout=20)[1]:
        raise AssertionError(f"left behind: {child.cmdline()}")
    if fate == "power cut":
        _truncate_newest(run, generator)
    return fate != "kernel" or bool(kernels)


def _wait_for_kernel(process: BaseProcess) -> None:
    """Until the first kernel lives, or the process has ended without one."""
    while process.exitcode is None:
        with suppress(psutil.Error):
            if any(_is_kernel(child) for child in psutil.Process(process.pid).children(recursive=True)):
                return
        time.sleep(0.05)


def _is_kernel(process: psutil.Process) -> bool:
    try:
        return "ipykernel_launcher" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def _truncate_newest(run: Path, generator: random.Random) -> None:
    files = sorted((path for path in run.rglob("*") if path.is_file()), key=lambda path: path.stat().st_mtime_ns)
    if files:
        os.truncate(files[-1], generator.randint(0, files[-1].stat().st_size))


def _suite(suite: str, out: Path) -> int:
    command_line(["run", suite, "--out", str(out), "--retry-failed"])
    return 0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=float, default=12, help="seconds until a run is killed, at most")
    parser.add_argument("--suite")
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    work = partial(_suite, given.suite) if given.suite else light_run.main
    calm, killed = (given.folder / name / "run" for name in ("calm", "killed"))
    undisturbed = start(work, calm)
    undisturbed.join()
    assert undisturbed.exitcode == 0, f"it ended with code {undisturbed.exitcode} without being killed"
    done = soak(work, killed, given.kills, given.seed, given.longest)
    pandas.testing.assert_frame_equal(repeatable(killed), repeatable(calm), check_exact=True)
    print(dict(done), "and the tables are those of a run that nobody disturbed")


if __name__ == "__main__":
    main()
