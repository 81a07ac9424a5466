"""Work in a process of its own: its answer, its errors, its end."""

import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from benchbench import processes
from benchbench.errors import Unavailable

WORKER = """
import os, sys, time
from benchbench.errors import Unavailable
from benchbench.processes import answer

def work(request):
    if request == "unavailable":
        raise Unavailable("no such engine")
    if request == "crash":
        os.abort()
    if request == "sleep":
        time.sleep(60)
    print("chatter of a library")
    return request

answer(work)
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "a_worker.py").write_text(WORKER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "a_worker"


def test_the_answer_comes_back_whatever_libraries_print(module):
    assert processes.call(module, {"a": [1, 2]}) == {"a": [1, 2]}


def test_an_error_of_the_person_who_asked_keeps_its_kind(module):
    with pytest.raises(Unavailable, match="no such engine"):
        processes.call(module, "unavailable")


def test_a_crash_says_how_it_ended(module):
    with pytest.raises(processes.ChildFailed, match="SIGABRT"):
        processes.call(module, "crash")


def test_one_that_takes_too_long_is_ended(module):
    with pytest.raises(processes.ChildFailed, match="longer than 2 s"):
        processes.call(module, "sleep", timeout_seconds=2)


@pytest.mark.skipif(sys.platform == "win32", reason="orphans keep their parent's number there")
def test_it_ends_when_its_parent_is_killed(module):
    script = textwrap.dedent(f"""
        from benchbench import processes
        processes.call({module!r}, "sleep")
    """)
    parent = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + 30
    while not (workers := psutil.Process(parent.pid).children()) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)
    parent.kill()
    parent.wait()
    assert psutil.wait_procs(workers, timeout=15)[1] == []
