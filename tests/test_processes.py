"""Work in a process of its own: its answer, its errors, its end."""

import importlib
import math
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from benchbench import processes
from benchbench.errors import InputError, Unavailable

WORKER = """
from __future__ import annotations

import os, sys, time
from dataclasses import dataclass
from pathlib import Path

from benchbench.errors import InputError, Missing, Unavailable

class OwnError(InputError):
    pass

@dataclass(frozen=True)
class Part:
    folder: Path
    sizes: tuple[int, ...]

@dataclass(frozen=True)
class Question:
    parts: tuple[Part, ...]
    share: float

@dataclass(frozen=True)
class Reply:
    parts: dict[str, Part | Missing]
    share: float

def reply(question: Question) -> Reply:
    print("chatter of a library")
    return Reply({"first": question.parts[0], "second": Missing("there is none")}, question.share)

def behave(how: str) -> str:
    if how == "unavailable":
        raise Unavailable("no such engine")
    if how == "own":
        raise OwnError("your file is wrong")
    if how == "mistake":
        return {}["a key"]
    if how == "crash":
        print("the engine's last words", file=sys.stderr)
        sys.stderr.flush()
        os.abort()
    if how == "silent":
        os._exit(0)
    if how == "too large":
        os.kill(os.getpid(), 9)
    if how == "rank":
        return Path("/proc/self/oom_score_adj").read_text()
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers")
    (folder / "a_worker.py").write_text(WORKER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
        patch.syspath_prepend(folder)
        yield importlib.import_module("a_worker")
        del sys.modules["a_worker"]


@pytest.mark.parametrize("share", [0.1, math.inf])
def test_request_and_answer_keep_their_types_whatever_libraries_print(worker, share):
    part = worker.Part(Path("somewhere"), (1, 2))
    reply = processes.call(worker.reply, worker.Question((part,), share))
    assert reply == worker.Reply({"first": part, "second": worker.Missing("there is none")}, share)


def test_an_error_of_the_person_who_asked_keeps_its_kind(worker):
    with pytest.raises(Unavailable, match="no such engine"):
        processes.call(worker.behave, "unavailable")
    with pytest.raises(InputError, match="your file is wrong"):
        processes.call(worker.behave, "own")


def test_an_unexpected_error_is_one_line_with_its_traceback_beside_it(worker):
    with pytest.raises(processes.ChildFailed) as failed:
        processes.call(worker.behave, "mistake")
    assert str(failed.value) == "KeyError: 'a key'"
    assert 'return {}["a key"]' in failed.value.details


def test_a_crash_says_how_it_ended(worker):
    with pytest.raises(processes.ChildFailed) as failed:
        processes.call(worker.behave, "crash")
    assert str(failed.value) == "a_worker:behave was ended by SIGABRT: the engine's last words"


def test_one_that_the_system_ends_says_that_memory_may_be_short(worker):
    with pytest.raises(processes.ChildFailed) as failed:
        processes.call(worker.behave, "too large")
    assert str(failed.value) == "a_worker:behave was ended by SIGKILL, as Linux does where memory is short"


@pytest.mark.skipif(not Path("/proc/self/oom_score_adj").exists(), reason="not Linux")
def test_where_memory_is_short_a_worker_is_ended_before_what_waits_for_it(worker):
    assert int(processes.call(worker.behave, "rank")) == 1000


def test_one_that_ends_without_an_answer_failed(worker):
    with pytest.raises(processes.ChildFailed, match="gave no answer"):
        processes.call(worker.behave, "silent")


def test_one_that_takes_too_long_is_ended(worker):
    with pytest.raises(processes.ChildFailed, match="longer than 2 s"):
        processes.call(worker.behave, "sleep", timeout_seconds=2)


def test_a_module_in_the_working_folder_stands_for_none_of_the_librarys(worker, tmp_path, monkeypatch):
    (tmp_path / "dataclasses.py").write_text("raise ImportError('a file of the user')")
    monkeypatch.chdir(tmp_path)
    part = worker.Part(Path("somewhere"), ())
    assert processes.call(worker.reply, worker.Question((part,), 1.0)).share == 1.0


@pytest.mark.skipif(sys.platform == "win32", reason="orphans keep their parent's number there")
def test_it_ends_when_its_parent_is_killed(worker):
    script = textwrap.dedent("""
        import a_worker
        from benchbench import processes
        processes.call(a_worker.behave, "sleep")
    """)
    parent = subprocess.Popen([sys.executable, "-c", script])
    deadline = time.monotonic() + 30
    while not (workers := psutil.Process(parent.pid).children()) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)
    parent.kill()
    parent.wait()
    assert psutil.wait_procs(workers, timeout=15)[1] == []
